import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { computeMesh, type MeshProbe, type MeshSize } from '../../src/domain/mesh.ts';

const SIZE: MeshSize = { peersMax: 64, watchers: 20 };
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const pairsOf = (probes: readonly MeshProbe[], size: MeshSize): Set<string> =>
  new Set(
    [...computeMesh(probes, size, digest)].flatMap(([watched, ids]) => ids.map((id) => `${id}>${watched}`)),
  );

/** A region of more probes than everyone could watch, in up to four zones; the largest holds up to nine tenths. */
const regions = fc
  .record({
    seed: fc.integer({ min: 0, max: 0xffff_ffff }),
    count: fc.integer({ min: 66, max: 180 }),
    mainShare: fc.double({ min: 0.25, max: 0.9, noNaN: true }),
    otherZones: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ seed, count, mainShare, otherZones }): MeshProbe[] =>
    Array.from({ length: count }, (_, i) => ({
      probe_id: digest(`${seed} ${i}`).slice(0, 8),
      availability_zone: i < count * mainShare ? 'main' : `other-${i % otherZones}`,
    })),
  );

describe('the mesh above peersMax', () => {
  it('gives every probe exactly as many watchers as asked for, and never itself', () => {
    fc.assert(
      fc.property(regions, fc.integer({ min: 1, max: 30 }), (probes, watchers) => {
        for (const [watched, ids] of computeMesh(probes, { peersMax: 64, watchers }, digest)) {
          expect(new Set(ids).size).toBe(watchers);
          expect(ids).not.toContain(watched);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('gives every probe a watcher in another zone where there is one, however few stand there', () => {
    const oneElsewhere = fc.record({ count: fc.integer({ min: 66, max: 150 }) }).map(({ count }) =>
      Array.from({ length: count }, (_, i) => ({
        probe_id: digest(String(i)).slice(0, 8),
        availability_zone: i === 0 ? 'b' : 'a',
      })),
    );
    fc.assert(
      fc.property(fc.oneof(regions, oneElsewhere), (probes) => {
        const zones = new Map(probes.map(({ probe_id: id, availability_zone: zone }) => [id, zone]));
        for (const [watched, ids] of computeMesh(probes, SIZE, digest)) {
          expect(ids.some((id) => zones.get(id) !== zones.get(watched))).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('begins and ends at most 2K pairs when a probe comes or goes', () => {
    fc.assert(
      fc.property(regions, fc.nat(), (probes, pick) => {
        const without = probes.filter((_, i) => i !== pick % probes.length);
        if (without.length - 1 <= SIZE.peersMax) return;

        const [before, after] = [pairsOf(without, SIZE), pairsOf(probes, SIZE)];

        const own = (pair: string): boolean => pair.includes(probes[pick % probes.length]?.probe_id ?? '');
        const ended = [...before].filter((pair) => !after.has(pair)).length;
        const begun = [...after].filter((pair) => !before.has(pair) && !own(pair)).length;
        expect(ended).toBeLessThanOrEqual(2 * SIZE.watchers);
        expect(begun).toBeLessThanOrEqual(SIZE.watchers);
      }),
      { numRuns: 60 },
    );
  });

  it('is the same whatever the order of the list', () => {
    fc.assert(
      fc.property(regions, (probes) => {
        expect(pairsOf(probes.toReversed(), SIZE)).toEqual(pairsOf(probes, SIZE));
      }),
      { numRuns: 10 },
    );
  });
});
