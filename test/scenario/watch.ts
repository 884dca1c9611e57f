import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { fetchJson } from './fetchJson.ts';
import type { Life } from './life.ts';
import { observePublished, type World } from './world.ts';

const WATCH_INTERVAL_MS = 100;

/** What Prometheus and S3 answered to one look while a pass ran. */
export interface Sighting {
  /** When it was asked; what it shows can't be older. */
  readonly askedMs: number;
  readonly probeIds: ReadonlySet<string>;
  readonly serverIds: ReadonlySet<string>;
}

/** Looks at Prometheus' targets and the peers document again and again until the action has ended, and once after it. */
export async function watchWhile<T>(
  stack: Life['stack'],
  action: () => Promise<T>,
): Promise<{ readonly result: T; readonly sightings: readonly Sighting[] }> {
  const sightings: Sighting[] = [];
  const look = async (): Promise<void> => {
    const askedMs = Date.now();
    const { targets, peers } = await observePublished(stack);
    sightings.push({
      askedMs,
      probeIds: new Set(targets.flatMap(({ labels }) => labels['probe_id'] ?? [])),
      serverIds: new Set(peers.map(({ server_id }) => server_id)),
    });
  };
  let ended = false;
  const running = action().finally(() => (ended = true));
  while (!ended) {
    await Promise.race([look(), running]);
    await Promise.race([delay(WATCH_INTERVAL_MS), running]);
  }
  const result = await running;
  await look();
  return { result, sightings };
}

/**
 * Asserts that nothing watched a probe any more, and that silences over it were in force, when Nova got its
 * DELETE at `deletedMs`. Nothing here depends on a look at the right moment: no look asked for after the
 * DELETE shows the probe, and Prometheus' own record has no scrape of it at or after the DELETE.
 */
export async function expectLetGoBefore(
  deletedMs: number,
  seen: {
    readonly life: Life;
    readonly probe: World['probes'][number];
    readonly sightings: readonly Sighting[];
  },
): Promise<void> {
  const { probe, sightings, life } = seen;
  const shows = (sighting: Sighting): boolean =>
    sighting.probeIds.has(probe.probeId) || sighting.serverIds.has(probe.id);
  const later = sightings.filter(({ askedMs }) => askedMs >= deletedMs);
  const without = sightings.find((sighting) => !shows(sighting));
  console.log(
    `let go of ${probe.name}: first seen without it ${deletedMs - (without?.askedMs ?? deletedMs)} ms before its DELETE; ` +
      `${sightings.length} looks, ${later.length} after it`,
  );
  expect(sightings.some(shows)).toBe(true);
  expect(later.length).toBeGreaterThan(0);
  expect(later.filter(shows)).toEqual([]);
  expect(await lastScrapeMs(life, probe.probeId)).toBeLessThan(deletedMs);

  const { allSilences } = await life.world();
  const covering = allSilences.filter(
    ({ startsAt, endsAt, matchers }) =>
      Date.parse(startsAt) <= deletedMs &&
      Date.parse(endsAt) > deletedMs &&
      matchers.some(({ value }) => value.split('|').includes(probe.probeId)),
  );
  const labels = new Set(covering.flatMap(({ matchers }) => matchers.map(({ name }) => name)));
  expect(labels).toEqual(new Set(['probe_id', 'peer_id']));
}

/** When Prometheus last scraped a probe by its own record, whatever the outcome, in milliseconds since the epoch. */
async function lastScrapeMs({ stack }: Life, probeId: string): Promise<number> {
  const query = encodeURIComponent(`up{probe_id=${JSON.stringify(probeId)}}[10m]`);
  const answer = (await fetchJson(`${stack.prometheus.url}/api/v1/query?query=${query}`)) as {
    data: { result: { values: [number, string][] }[] };
  };
  const times = answer.data.result.flatMap(({ values }) => values.map(([seconds]) => seconds * 1000));
  expect(times.length).toBeGreaterThan(0);
  return Math.max(...times);
}
