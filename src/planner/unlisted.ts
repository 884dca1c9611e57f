import type { Peer } from '../domain/document.ts';
import type { Hypervisor } from '../domain/hypervisor.ts';
import { computeProbeName } from '../domain/identity.ts';
import type { ProbeRef } from '../domain/probe.ts';
import type { PlanInput } from './input.ts';

/** The published probe of a hypervisor, wherever it runs, that Nova neither lists nor confirms to be gone. */
export function findUnlisted(
  { hostname }: Hypervisor,
  { inventory }: Pick<PlanInput, 'inventory'>,
): ProbeRef | null {
  const peer = inventory.unlisted.find((candidate) => madeFor(candidate) === hostname);
  return peer === undefined ? null : unlistedRef(peer);
}

/** What names a probe of which only the peers document tells. */
export function unlistedRef(peer: Peer): ProbeRef {
  const name = computeProbeName(madeFor(peer), peer.probe_id);
  return { probeId: peer.probe_id, serverId: peer.server_id, name, host: null };
}

/** The hypervisor that a published probe was made for. */
export function madeFor({ hypervisor, made_for }: Peer): string {
  return made_for ?? hypervisor;
}
