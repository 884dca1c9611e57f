import { expect } from 'vitest';
import { fetchJson } from './fetchJson.ts';
import type { Life } from './life.ts';

const SCRAPE_INTERVAL_MS = 1_000;

/** What Prometheus recorded of one exporter: when it was scraped, and whether it answered. */
interface Scrapes {
  readonly hypervisor: string;
  readonly probeId: string;
  readonly port: string;
  readonly timesMs: readonly number[];
  readonly answeredMs: readonly number[];
}

/**
 * Asserts by Prometheus' own record that a hypervisor was watched all the time while one probe took another's place:
 * the successor answered before the old one was scraped for the last time, the old one answered until then, and there
 * is no scrape interval in which neither answered. On a busy machine Prometheus itself may leave out scrapes; the
 * other hypervisors tell how many.
 */
export async function expectHandover(
  { prometheus }: Pick<Life['stack'], 'prometheus'>,
  by: { readonly hypervisor: string; readonly old: string; readonly successor: string },
  sinceMs: number,
): Promise<void> {
  const all = await readScrapes(prometheus.url, sinceMs);
  const ports = new Set(all.map(({ port }) => port));
  expect(ports.size).toBe(2);
  for (const port of ports) {
    const here = all.filter((scrapes) => scrapes.hypervisor === by.hypervisor && scrapes.port === port);
    const old = here.find(({ probeId }) => probeId === by.old);
    const successor = here.find(({ probeId }) => probeId === by.successor);
    expect(old?.answeredMs).toEqual(old?.timesMs);
    const overlapMs = (old?.answeredMs.at(-1) ?? NaN) - (successor?.answeredMs[0] ?? NaN);
    expect(overlapMs).toBeGreaterThan(0);

    const others = all.filter((scrapes) => scrapes.hypervisor !== by.hypervisor && scrapes.port === port);
    const missed = countMissed(here.flatMap(({ answeredMs }) => answeredMs));
    const missedElsewhere = Math.max(...others.map(({ answeredMs }) => countMissed(answeredMs)));
    console.log(
      `port ${port}: both answered for ${overlapMs} ms; ${missed} intervals missed, elsewhere ${missedElsewhere}`,
    );
    expect(missed).toBeLessThanOrEqual(missedElsewhere);
  }
}

/** Scrape intervals between the first and the last of these answers in which there was none. */
function countMissed(answeredMs: readonly number[]): number {
  const sorted = answeredMs.toSorted((a, b) => a - b);
  return sorted
    .slice(1)
    .map((timeMs, index) => Math.round((timeMs - (sorted[index] ?? timeMs)) / SCRAPE_INTERVAL_MS) - 1)
    .reduce((sum, missed) => sum + Math.max(0, missed), 0);
}

async function readScrapes(prometheusUrl: string, sinceMs: number): Promise<readonly Scrapes[]> {
  const range = Math.ceil((Date.now() - sinceMs) / 1_000);
  const query = encodeURIComponent(`up{probe_id!=""}[${range}s]`);
  const answer = (await fetchJson(`${prometheusUrl}/api/v1/query?query=${query}`)) as {
    data: { result: { metric: Record<string, string>; values: [seconds: number, value: string][] }[] };
  };
  return answer.data.result.map(({ metric, values }) => ({
    hypervisor: metric['hypervisor'] ?? '',
    probeId: metric['probe_id'] ?? '',
    port: metric['instance']?.split(':').at(-1) ?? '',
    timesMs: values.map(([seconds]) => seconds * 1_000),
    answeredMs: values.filter(([, value]) => value === '1').map(([seconds]) => seconds * 1_000),
  }));
}
