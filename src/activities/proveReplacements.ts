import { setTimeout as delay } from 'node:timers/promises';
import type { HypervisorFailure } from '../domain/failure.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import { plannedProbes, type Plan } from '../domain/plan.ts';
import type { NewProbe } from '../domain/probe.ts';
import type { TargetGroup } from '../domain/target.ts';
import { getArtifact, putArtifact } from './artifacts.ts';
import { checkProbes } from './checkProbes.ts';
import { readConsolesOf } from './consoles.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { askReplicas } from './publication/replicas.ts';

/** Which successors answer, by reference, how many, and what is to be said of the others. */
export interface ProvenReplacements {
  readonly proof: ArtifactRef;
  readonly proven: number;
  readonly failures: readonly HypervisorFailure[];
}

function unanswered(
  { hypervisor, probeId }: NewProbe,
  replicas: readonly string[],
  output: string | undefined,
): HypervisorFailure {
  const message = `stands, but its exporters don’t answer to Prometheus ${replicas.join(', ')}; the probe that it was to replace stays`;
  const said = output === undefined ? {} : { console: output };
  return { hypervisor, probeId, step: 'answer', kind: 'timeout', message, ...said };
}

/** Waits until the successors of replaced probes answer, and stores the ids of those that do. */
export async function proveReplacements(
  deps: StepDeps,
  input: PassInput & { readonly plan: ArtifactRef; readonly targets: ArtifactRef; readonly sinceMs: number },
  signal: AbortSignal,
): Promise<ProvenReplacements> {
  const [plan, groups] = await Promise.all([
    getArtifact<Plan>(deps, input.plan),
    getArtifact<readonly TargetGroup[]>(deps, input.targets),
  ]);
  const successors = new Set(
    plan.entries.flatMap((entry) => (entry.action === 'replace' ? [entry.create.probeId] : [])),
  );
  const watched = groups.filter(({ labels }) => successors.has(labels['probe_id'] ?? ''));
  for (;;) {
    const bad = await findUnanswering(deps, watched, signal);
    const standing = new Set(watched.map(({ labels }) => labels['probe_id'] ?? ''));
    if (bad.size === 0 || deps.passedMs(input.sinceMs) >= deps.wait.verifyMs) {
      const proven = [...standing].filter((probeId) => !bad.has(probeId)).toSorted();
      const proof = await putArtifact(deps, 'proof', { proven, unproven: [...bad.keys()].toSorted() });
      const consoles = await readConsolesOf(deps, new Set(bad.keys()), signal);
      const failures = plannedProbes(plan)
        .filter(({ probeId }) => bad.has(probeId))
        .map((planned) => unanswered(planned, bad.get(planned.probeId) ?? [], consoles.get(planned.probeId)));
      return { proof, proven: proven.length, failures };
    }
    deps.tell(`${standing.size - bad.size} of ${standing.size} successors answer`);
    await delay(deps.wait.verifyPollMs, undefined, { signal });
  }
}

/**
 * The probes that don't answer to every Prometheus, or to none where any is enough, each with those that it doesn't answer
 * to: one that can't reach a successor would lose sight of its hypervisor with the old probe.
 */
async function findUnanswering(
  deps: StepDeps,
  groups: readonly TargetGroup[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const { answers } = await askReplicas(deps.publication, signal, async ({ prometheus }, abort) => {
    const results = await checkProbes({ region: deps.region, prometheus }, groups, 0, true, abort);
    return new Set(results.filter(({ status }) => status === 'failed').map(({ probeId }) => probeId));
  });
  const missed = answers.flatMap(({ replica, value }) =>
    [...value].map((probeId) => [probeId, replica.name] as const),
  );
  const tooMany = deps.publication.required === 'all' ? 1 : answers.length;
  return new Map(
    [...Map.groupBy(missed, ([probeId]) => probeId)]
      .filter(([, by]) => by.length >= tooMany)
      .map(([probeId, by]) => [probeId, by.map(([, name]) => name).toSorted()]),
  );
}
