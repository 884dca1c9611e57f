import type { HypervisorFailure } from '../domain/failure.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import { plannedProbes, type Plan } from '../domain/plan.ts';
import { getArtifact } from './artifacts.ts';
import { judgeProbe } from './awaitProbes.ts';
import { askToGo, deleteServers } from './deletion.ts';
import type { PlannedInput, StepDeps } from './deps.ts';
import { keepingSilenced } from './extendSilences.ts';
import { observeProbes } from './observe.ts';
import { readProof } from './proven.ts';
import { readPeers } from './published.ts';

/**
 * Compensation: removes new probes that don't stand and weren't published or, once replacements have been looked at,
 * exactly those that stand but don't answer; the probes that they were to replace stay.
 */
export async function removeHalfMade(
  deps: StepDeps,
  input: PlannedInput & {
    readonly proof: ArtifactRef | null;
    /** Whether it waits until Nova has them no more, and not only for its word; `true` where it isn't said. */
    readonly waits?: boolean;
  },
  signal: AbortSignal,
): Promise<{ readonly removed: number; readonly failures: readonly HypervisorFailure[] }> {
  const plan = await getArtifact<Plan>(deps, input.plan);
  const [probes, peers] = await Promise.all([observeProbes(deps, signal), readPeers(deps)]);
  // A successor that an interrupted pass has made may be published: it goes by a plan, when it is silenced and let go of.
  const published = new Set(peers?.document.peers.map((peer) => peer.server_id));
  const { unproven } = await readProof(deps, input.proof);
  const failed = plannedProbes(plan, input.order).filter((planned) =>
    input.proof === null ? judgeProbe(planned, probes, true) !== 'standing' : unproven.has(planned.probeId),
  );
  const doomed = failed.flatMap(({ probeId, hypervisor }) =>
    probes
      .filter(
        (probe) => probe.probeId === probeId && (input.proof !== null || !published.has(probe.serverId)),
      )
      .map(({ serverId }) => ({ serverId, probeId, hypervisor })),
  );
  // Without a proof nothing of them was published, so nothing is silenced.
  const before = input.proof === null ? undefined : keepingSilenced(deps, signal);
  if (input.waits === false) {
    const { asked, failures } = await askToGo(deps, doomed, signal, before);
    return { removed: asked.length, failures };
  }
  const { gone, failures } = await deleteServers(deps, doomed, signal, before);
  return { removed: gone.length, failures };
}
