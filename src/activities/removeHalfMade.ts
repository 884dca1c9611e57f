import type { ArtifactRef } from '../domain/pass.ts';
import { plannedProbes, type Plan } from '../domain/plan.ts';
import { getArtifact } from './artifacts.ts';
import { judgeProbe } from './awaitProbes.ts';
import { deleteServers, type Deleted } from './deletion.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { observeProbes } from './observe.ts';

/**
 * Compensation: removes new probes that don't stand, and, when `unproven` is given, replacements that
 * stand but don't answer: the probe that they were to replace stays.
 */
export async function removeHalfMade(
  deps: StepDeps,
  input: PassInput & { readonly plan: ArtifactRef; readonly unproven: readonly string[] },
  signal: AbortSignal,
): Promise<Deleted> {
  const plan = await getArtifact<Plan>(deps, input.plan);
  const probes = await observeProbes(deps, signal);
  const unproven = new Set(input.unproven);
  const failed = plannedProbes(plan).filter(
    (planned) => unproven.has(planned.probeId) || judgeProbe(planned, probes, true) !== 'standing',
  );
  const doomed = failed.flatMap(({ probeId, hypervisor }) =>
    probes
      .filter((probe) => probe.probeId === probeId)
      .map(({ serverId }) => ({ serverId, probeId, hypervisor })),
  );
  return await deleteServers(deps, doomed, signal);
}
