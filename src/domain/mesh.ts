import { compareText } from './document.ts';

/** What the mesh needs to know of a probe; an unknown zone counts as a zone of its own. */
export interface MeshProbe {
  readonly probe_id: string;
  readonly availability_zone: string | null;
}

/** Sizes of the mesh. */
export interface MeshSize {
  /** Up to so many others, everyone watches everyone. */
  readonly peersMax: number;
  /** Above that, each probe is watched by exactly so many. */
  readonly watchers: number;
}

/** SHA-256 of a text in lower-case hexadecimal; the domain imports nothing, so the caller brings it. */
export type Digest = (text: string) => string;

/**
 * Who watches whom: for each probe id, the ids of its watchers, sorted.
 *
 * Probes stand on a ring in the order of their hashes, and each is watched by the `watchers` ones before it.
 * Where all of these are in its own zone, the farthest gives its place to the probe of another zone that
 * hashes lowest together with the watched one. So every probe has exactly `watchers` watchers, one of them in
 * another zone where there is one; and a newcomer changes only the ring's `watchers` places behind it and the
 * few places that it takes as the lowest. `guest/root/usr/local/lib/innervisor/mesh.py` computes the very same.
 */
export function computeMesh(
  probes: readonly MeshProbe[],
  size: MeshSize,
  digest: Digest,
): ReadonlyMap<string, readonly string[]> {
  const watchers = Math.min(size.watchers, size.peersMax);
  if (probes.length - 1 <= size.peersMax) return everyoneWatchesEveryone(probes);
  const ring = probes
    .map((probe) => ({ probe, position: digest(probe.probe_id) }))
    .toSorted(
      (a, b) => compareText(a.position, b.position) || compareText(a.probe.probe_id, b.probe.probe_id),
    )
    .map(({ probe }) => probe);
  return new Map(
    ring.map((watched, place) => [
      watched.probe_id,
      watchersOf(watched, ring, place, watchers, digest)
        .map(({ probe_id: id }) => id)
        .toSorted(compareText),
    ]),
  );
}

function everyoneWatchesEveryone(probes: readonly MeshProbe[]): ReadonlyMap<string, readonly string[]> {
  const ids = probes.map(({ probe_id: id }) => id).toSorted(compareText);
  return new Map(ids.map((watched) => [watched, ids.filter((id) => id !== watched)]));
}

function watchersOf(
  watched: MeshProbe,
  ring: readonly MeshProbe[],
  place: number,
  count: number,
  digest: Digest,
): readonly MeshProbe[] {
  // Nearest first; the ring is longer than `count`, so none stands twice.
  const before = Array.from({ length: count }, (_, i) => ring.at((place - 1 - i) % ring.length)).filter(
    (probe) => probe !== undefined,
  );
  const isElsewhere = (probe: MeshProbe): boolean => probe.availability_zone !== watched.availability_zone;
  if (before.some(isElsewhere)) return before;
  const other = lowest(ring.filter(isElsewhere), (probe) => digest(`${watched.probe_id} ${probe.probe_id}`));
  return other === undefined ? before : [...before.slice(0, -1), other];
}

function lowest(probes: readonly MeshProbe[], key: (probe: MeshProbe) => string): MeshProbe | undefined {
  return probes
    .map((probe) => ({ probe, at: key(probe) }))
    .toSorted((a, b) => compareText(a.at, b.at))
    .at(0)?.probe;
}
