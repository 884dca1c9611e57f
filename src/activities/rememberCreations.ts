import type { HypervisorFailure } from '../domain/failure.ts';
import type { Memory, UnconfirmedProbe } from '../domain/memory.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import { plannedProbes, type Plan, type ReplaceOrder } from '../domain/plan.ts';
import type { Probe } from '../domain/probe.ts';
import { computeMemory, type CreationOutcome } from '../planner/remember.ts';
import { getArtifact } from './artifacts.ts';
import { judgeProbe } from './awaitProbes.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { lookUpServers } from './lookUp.ts';
import { readMemory, startOf, writeMemory } from './memory.ts';
import { observeProbes } from './observe.ts';
import { readPeers } from './published.ts';

/** What is remembered of a failure. */
type FailedCreation = Pick<HypervisorFailure, 'probeId' | 'step' | 'kind'>;

/** Whether the memory was written: only when it has changed. */
export interface RememberedCreations {
  readonly written: boolean;
  /** Hypervisors on which creations have failed, and not succeeded since. */
  readonly failing: number;
}

/** What a pass has to be remembered of; older workers leave out what is optional. */
export interface CreationsToRemember extends PassInput {
  readonly plan: ArtifactRef;
  readonly failures: readonly FailedCreation[];
  /** For older workers, which read there what is left of {@link UnconfirmedProbe}s of earlier passes. */
  readonly inventory?: ArtifactRef;
  /** Given where only the creations of this order have been tried, and their successors aren't proven yet. */
  readonly tried?: ReplaceOrder;
}

/**
 * Remembers which of the plan's new probes stand and why others don't, for the plans of later passes. However often a pass
 * runs it, each failure counts once.
 */
export async function rememberCreations(
  deps: StepDeps,
  input: CreationsToRemember,
  signal: AbortSignal,
): Promise<RememberedCreations> {
  const plan = await getArtifact<Plan>(deps, input.plan);
  const stored = await readMemory(deps);
  const probes = await observeProbes(deps, signal);
  const outcomes = judgeCreations(plan, probes, input);
  const counted = startOf(deps, stored, input);
  const memory: Memory = {
    ...computeMemory(counted.before, plan, outcomes, counted.at),
    unconfirmed: await keepUnconfirmed(deps, stored.memory, probes, signal),
  };
  const written = await writeMemory(deps, counted, stored, memory);
  return { written, failing: memory.creations.length };
}

/**
 * What is known to have been made stays until the list of peers names it or Nova says that it is gone: one that lists show
 * now may be left out by those of the next pass, if this one fails before it publishes.
 */
async function keepUnconfirmed(
  deps: StepDeps,
  { unconfirmed }: Memory,
  listed: readonly Probe[],
  signal: AbortSignal,
): Promise<readonly UnconfirmedProbe[]> {
  if (unconfirmed.length === 0) return [];
  const published = await readPeers(deps);
  const named = new Set(published?.document.peers.map(({ server_id }) => server_id));
  const present = new Set(listed.map(({ serverId }) => serverId));
  const unnamed = unconfirmed.filter(({ serverId }) => !named.has(serverId));
  const unseen = unnamed.map(({ serverId }) => serverId).filter((serverId) => !present.has(serverId));
  const answers = await lookUpServers(deps, unseen, signal);
  return unnamed.filter(({ serverId }) => answers.get(serverId) !== 'gone');
}

/** The cloud says which of them stand: of many failures only the first are told. */
function judgeCreations(
  plan: Plan,
  probes: readonly Probe[],
  { failures, tried }: CreationsToRemember,
): ReadonlyMap<string, CreationOutcome> {
  const successors = new Set(
    plan.entries.flatMap((entry) => (entry.action === 'replace' ? [entry.create.probeId] : [])),
  );
  const why = new Map(
    failures
      .filter(({ step }) => step === 'create' || step === 'build' || step === 'answer')
      .map(({ probeId, kind }) => [probeId, kind]),
  );
  return new Map(
    plannedProbes(plan, tried).map((probe) => {
      const { probeId } = probe;
      const stands = judgeProbe(probe, probes, true) === 'standing';
      const success = tried !== undefined && successors.has(probeId) ? 'untried' : 'stands';
      return [probeId, why.get(probeId) ?? (stands ? success : 'buildFailed')];
    }),
  );
}
