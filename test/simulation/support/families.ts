import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ScrapedFamily } from './exposition.ts';

/** What one exporter serves, by name. */
export type Families = ReadonlyMap<string, ScrapedFamily>;

/** The names in the first columns of the tables of docs/metrics.md, sorted. */
export async function documentedNames(): Promise<readonly string[]> {
  const text = await readFile(join(import.meta.dirname, '../../../docs/metrics.md'), 'utf8');
  return [...text.matchAll(/^\| `(innervisor_\w+)`/gm)].map(([, name = '']) => name).toSorted();
}

/** Type, help and names of labels of each series, of all families or of those that `like` has. */
export function shapes(families: Families, like: Families = families): Readonly<Record<string, object>> {
  const named = [...like.keys()].map((name) => {
    const family = families.get(name);
    const series = (family?.samples ?? []).map(
      ({ name: line, labels }) => `${line}{${Object.keys(labels).toSorted().join(',')}}`,
    );
    return [name, { type: family?.type, help: family?.help, series: [...new Set(series)].toSorted() }];
  });
  return Object.fromEntries(named) as Record<string, object>;
}

export function labelValues(families: Families, name: string, label: string): readonly string[] {
  const values = families.get(name)?.samples.flatMap((sample) => sample.labels[label] ?? []) ?? [];
  return [...new Set(values)].toSorted();
}

export function modes(families: Families): readonly string[] {
  return labelValues(families, 'node_cpu_seconds_total', 'mode');
}

/** The upper bounds of the buckets of each histogram, of pings by their kind. */
export function bounds(families: Families): Readonly<Record<string, readonly string[]>> {
  const histograms = [...families].filter(([, { type }]) => type === 'histogram');
  const found = new Map<string, Set<string>>();
  for (const [name, { samples }] of histograms)
    for (const { labels } of samples) {
      const { le, kind = '' } = labels;
      const key = `${name} ${kind}`;
      if (le !== undefined) found.set(key, (found.get(key) ?? new Set()).add(le));
    }
  return Object.fromEntries([...found].map(([key, bounds]) => [key, [...bounds].toSorted()]));
}

/** Whether the last series of a probe that has just started are there. */
export function isComplete(families: Families): boolean {
  const last = ['innervisor_ping_full_mtu_ok', 'innervisor_dns_queries_total', 'innervisor_agent_info'];
  return last.every((name) => (families.get(name)?.samples.length ?? 0) > 0);
}
