import type { ArtifactRef } from '../domain/pass.ts';
import type { Plan } from '../domain/plan.ts';
import { leavingProbes } from '../planner/roster.ts';
import { getArtifact } from './artifacts.ts';
import { deleteServers, type Deleted, type Doomed } from './deletion.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { failure } from './failures.ts';
import { readProven } from './proven.ts';
import { readPeers } from './published.ts';
import { listOwnSilences } from './silences.ts';
import { SILENCED_LABELS } from '../domain/silence.ts';

/**
 * Step 5b: deletes what the plan removes. Refuses, as a failure to be retried, while a silence is missing
 * or while the peers document or Prometheus still know one of them.
 */
export async function deleteProbes(
  deps: StepDeps,
  input: PassInput & { readonly plan: ArtifactRef; readonly proven: ArtifactRef | null },
  signal: AbortSignal,
): Promise<Deleted> {
  const plan = await getArtifact<Plan>(deps, input.plan);
  const leaving = leavingProbes(plan, await readProven(deps, input.proven));
  const doomed = plan.entries.flatMap((entry) =>
    'probe' in entry && entry.probe !== null && leaving.has(entry.probe.serverId)
      ? [{ serverId: entry.probe.serverId, probeId: entry.probe.probeId, hypervisor: entry.hypervisor }]
      : [],
  );
  await checkLetGo(deps, doomed, signal);
  return await deleteServers(deps, doomed, signal);
}

async function checkLetGo(deps: StepDeps, doomed: readonly Doomed[], signal: AbortSignal): Promise<void> {
  const [silences, peers, targets] = await Promise.all([
    listOwnSilences(deps, signal),
    readPeers(deps),
    deps.prometheus.listActiveTargets({}, signal),
  ]);
  const published = new Set(peers?.document.peers.map((peer) => peer.server_id));
  const scraped = new Set(
    targets
      .filter(({ discoveredLabels }) => discoveredLabels['region'] === deps.region)
      .map(({ discoveredLabels }) => discoveredLabels['probe_id']),
  );
  for (const { probeId, serverId } of doomed) {
    for (const label of SILENCED_LABELS) {
      if (!silences.some((own) => own.label === label && own.probeIds.includes(probeId))) {
        throw failure('conflict', `probe ${probeId} isn't deleted: no silence on ${label} is in force`, {
          terminal: false,
        });
      }
    }
    if (published.has(serverId)) {
      throw failure('conflict', `probe ${probeId} isn't deleted: the peers document still names it`, {
        terminal: false,
      });
    }
    if (scraped.has(probeId)) {
      throw failure('conflict', `probe ${probeId} isn't deleted: Prometheus still scrapes it`, {
        terminal: false,
      });
    }
  }
}
