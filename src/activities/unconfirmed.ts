import { compareText } from '../domain/document.ts';
import type { UnconfirmedProbe } from '../domain/memory.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import type { NewProbe } from '../domain/probe.ts';
import { getArtifact } from './artifacts.ts';
import type { AcceptedProbe } from './createProbes.ts';
import type { StepDeps } from './deps.ts';
import { lookUpServers } from './lookUp.ts';

/**
 * Of new probes that were never listed, those that Nova accepted and doesn't say are gone; sorted by probe id. One that
 * answers to its id is among them: later lists of this pass may leave it out too.
 */
export async function findUnconfirmed(
  deps: StepDeps,
  unseen: readonly NewProbe[],
  accepted: readonly ArtifactRef[],
  signal: AbortSignal,
): Promise<readonly UnconfirmedProbe[]> {
  if (unseen.length === 0) return [];
  const slices = await Promise.all(accepted.map((ref) => getArtifact<readonly AcceptedProbe[]>(deps, ref)));
  const servers = new Map(slices.flat().map(({ probeId, serverId }) => [probeId, serverId]));
  const candidates = unseen.flatMap(({ hypervisor, probeId }) => {
    const serverId = servers.get(probeId);
    return serverId === undefined ? [] : [{ hypervisor, probeId, serverId }];
  });
  const ids = candidates.map(({ serverId }) => serverId);
  const answers = await lookUpServers(deps, ids, signal);
  return candidates
    .filter(({ serverId }) => answers.get(serverId) !== 'gone')
    .toSorted((a, b) => compareText(a.probeId, b.probeId));
}
