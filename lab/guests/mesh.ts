import { createHash } from 'node:crypto';

import type { KnownPeer, KnownPeers } from './peersDocument.ts';
import type { AgentSettings } from './settings.ts';

/** What the rule needs to know of a probe. */
export type MeshProbe = Pick<KnownPeer, 'probeId' | 'availabilityZone'>;

/** Sizes of the mesh, see docs/metrics.md. */
export type MeshSize = Pick<AgentSettings, 'peersMax' | 'watchers'>;

/** Chooses from a document whom the guest with these settings pings. */
export type PeersChoice = (known: KnownPeers, settings: AgentSettings) => readonly KnownPeer[];

/** For each probe id, the ids of those that it pings, by the rule that docs/metrics.md tells. */
export function computePings(
  probes: readonly MeshProbe[],
  { peersMax, watchers }: MeshSize,
): ReadonlyMap<string, ReadonlySet<string>> {
  const pings = new Map(probes.map(({ probeId }): [string, Set<string>] => [probeId, new Set()]));
  const isSmall = probes.length - 1 <= peersMax;
  const ring = isSmall ? probes : toSortedBy(probes, ({ probeId }) => digest(probeId));
  ring.forEach((watched, place) => {
    const chosen = isSmall
      ? ring.filter((probe) => probe !== watched)
      : watchersOf(watched, place, ring, Math.min(watchers, peersMax));
    for (const { probeId } of chosen) pings.get(probeId)?.add(watched.probeId);
  });
  return pings;
}

/** Computes each mesh once for all guests that are in it, because thousands of guests share a document. */
export function createSharedChoice(): PeersChoice {
  const meshes = new WeakMap<KnownPeers, Map<string, ReturnType<typeof computePings>>>();

  function sharedMesh(known: KnownPeers, { peersMax, watchers }: MeshSize): ReturnType<typeof computePings> {
    const bySize = meshes.get(known) ?? new Map<string, ReturnType<typeof computePings>>();
    meshes.set(known, bySize);
    const size = `${peersMax} ${watchers}`;
    const mesh = bySize.get(size) ?? computePings(known.peers, { peersMax, watchers });
    bySize.set(size, mesh);
    return mesh;
  }

  return (known, settings) => {
    const { probeId } = settings;
    // A probe that isn't listed yet takes the place that it is going to have.
    const picked =
      sharedMesh(known, settings).get(probeId) ??
      computePings([...known.peers, settings], settings).get(probeId);
    return known.peers.filter((peer) => picked?.has(peer.probeId));
  };
}

/** The probes before this one on the ring; the farthest gives way where all are in the zone of the watched. */
function watchersOf(
  watched: MeshProbe,
  place: number,
  ring: readonly MeshProbe[],
  count: number,
): readonly MeshProbe[] {
  // Nearest first; a negative place counts from the end, as the ring asks for.
  const before = Array.from({ length: count }, (_, i) => ring.at(place - 1 - i)).filter(
    (probe) => probe !== undefined,
  );
  const isElsewhere = (probe: MeshProbe): boolean => probe.availabilityZone !== watched.availabilityZone;
  if (before.some(isElsewhere)) return before;
  const [lowest] = toSortedBy(ring.filter(isElsewhere), (probe) =>
    digest(`${watched.probeId} ${probe.probeId}`),
  );
  return lowest === undefined ? before : [...before.slice(0, -1), lowest];
}

function toSortedBy<T extends MeshProbe>(probes: readonly T[], key: (probe: T) => string): readonly T[] {
  return probes
    .map((probe) => ({ probe, at: `${key(probe)} ${probe.probeId}` }))
    .toSorted((a, b) => (a.at < b.at ? -1 : 1))
    .map(({ probe }) => probe);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
