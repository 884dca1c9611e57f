import type { HypervisorFailure } from '../domain/failure.ts';
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

/**
 * Remembers which of the plan's new probes stand and why others don't, for the plans of later passes. Run again for the
 * same pass it changes nothing.
 */
export async function rememberCreations(
  deps: StepDeps,
  input: PassInput & { readonly plan: ArtifactRef; readonly failures: readonly FailedCreation[] },
  signal: AbortSignal,
): Promise<RememberedCreations> {
  const plan = await getArtifact<Plan>(deps, input.plan);
  const stored = await readMemory(deps);
  if (stored.pass === input.pass) return { written: false, failing: stored.memory.creations.length };
  const outcomes = await judgeCreations(deps, plan, input.failures, signal);
  const memory = computeMemory(stored.memory, plan, outcomes, new Date(deps.now()).toISOString());
  const changed = stored.isMalformed || canonicalJson(memory) !== canonicalJson(stored.memory);
  if (changed) await writeMemory(deps, input, stored, memory);
  return { written: changed, failing: memory.creations.length };
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
