import { compareText } from '../domain/document.ts';
import type { HypervisorFailure } from '../domain/failure.ts';
import type { Inventory } from '../domain/inventory.ts';
import type { Memory, UnconfirmedProbe } from '../domain/memory.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import { plannedProbes, type Plan } from '../domain/plan.ts';
import { computeMemory, type CreationOutcome } from '../planner/remember.ts';
import { canonicalJson, getArtifact } from './artifacts.ts';
import { judgeProbe } from './awaitProbes.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { readMemory, writeMemory } from './memory.ts';
import { observeProbes } from './observe.ts';

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
  /** What this pass found of probes that earlier ones made and never saw. */
  readonly inventory?: ArtifactRef;
  /** Those that it made and never saw itself. */
  readonly unconfirmed?: readonly ArtifactRef[];
}

/**
 * Remembers which of the plan's new probes stand and why others don't, for the plans of later passes. Run again for the
 * same pass it changes nothing.
 */
export async function rememberCreations(
  deps: StepDeps,
  input: CreationsToRemember,
  signal: AbortSignal,
): Promise<RememberedCreations> {
  const plan = await getArtifact<Plan>(deps, input.plan);
  const stored = await readMemory(deps);
  if (stored.pass === input.pass) return { written: false, failing: stored.memory.creations.length };
  const outcomes = await judgeCreations(deps, plan, input.failures, signal);
  const memory: Memory = {
    ...computeMemory(stored.memory, plan, outcomes, new Date(deps.now()).toISOString()),
    unconfirmed: await readUnconfirmed(deps, input),
  };
  const changed = stored.isMalformed || canonicalJson(memory) !== canonicalJson(stored.memory);
  if (changed) await writeMemory(deps, input, stored, memory);
  return { written: changed, failing: memory.creations.length };
}

/** What earlier passes made comes from the inventory, which has looked for it. */
async function readUnconfirmed(
  deps: StepDeps,
  { inventory, unconfirmed = [] }: CreationsToRemember,
): Promise<readonly UnconfirmedProbe[]> {
  const earlier =
    inventory === undefined ? [] : ((await getArtifact<Inventory>(deps, inventory)).unconfirmed ?? []);
  const own = await Promise.all(
    unconfirmed.map((ref) => getArtifact<readonly UnconfirmedProbe[]>(deps, ref)),
  );
  return [...earlier, ...own.flat()].toSorted((a, b) => compareText(a.probeId, b.probeId));
}

/** The cloud says which of them stand: of many failures only the first are told. */
async function judgeCreations(
  deps: StepDeps,
  plan: Plan,
  failures: readonly FailedCreation[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, CreationOutcome>> {
  const planned = plannedProbes(plan);
  if (planned.length === 0) return new Map();
  const why = new Map(
    failures
      .filter(({ step }) => step === 'create' || step === 'build' || step === 'answer')
      .map(({ probeId, kind }) => [probeId, kind]),
  );
  const probes = await observeProbes(deps, signal);
  return new Map(
    planned.map((probe) => {
      const stands = judgeProbe(probe, probes, true) === 'standing';
      return [probe.probeId, why.get(probe.probeId) ?? (stands ? 'stands' : 'buildFailed')];
    }),
  );
}
