import type { KnownPeer, KnownPeers } from './peersDocument.ts';
import type { PingTarget } from './pings.ts';
import type { AgentSettings } from './settings.ts';

/**
 * Whom a guest pings: its peers but not itself, and the public targets. Of more peers than `peersMax` it takes
 * those that follow it in the ring of probe ids, so that each is pinged by as many as it pings.
 */
export function chooseTargets(
  known: KnownPeers,
  settings: AgentSettings,
  ownAddresses: readonly string[],
): readonly PingTarget[] {
  const { probeId, peersMax, publicTargets } = settings;
  const others = known.peers
    .filter((peer) => peer.probeId !== probeId && !ownAddresses.includes(peer.address))
    .toSorted(byProbeId);
  const after = others.findIndex((peer) => peer.probeId > probeId);
  const ring = after < 0 ? others : [...others.slice(after), ...others.slice(0, after)];
  const peers = ring.slice(0, peersMax).map(({ address, hypervisor, availabilityZone }) => ({
    address,
    hypervisor,
    availabilityZone,
  }));
  const world = publicTargets.map((address) => ({ address, hypervisor: null, availabilityZone: null }));
  return [...peers, ...world];
}

function byProbeId(a: KnownPeer, b: KnownPeer): number {
  return a.probeId < b.probeId ? -1 : a.probeId > b.probeId ? 1 : 0;
}
