import { identifyTarget, isOwnedBy, type TargetGroup, type TargetOwner } from '../../domain/target.ts';
import type { ActiveTarget, DroppedTarget, PrometheusClient } from '../../prometheus/client.ts';

type Discovered = Pick<ActiveTarget | DroppedTarget, 'scrapePool' | 'discoveredLabels'>;

/** The targets of a document, each as one text. */
export function identifyTargets(groups: readonly TargetGroup[]): ReadonlySet<string> {
  return new Set(
    groups.flatMap(({ targets, labels }) => targets.map((target) => identifyTarget(target, labels))),
  );
}

/**
 * How what a Prometheus has of this owner differs from what is wanted; `undefined` when it has exactly that. Every
 * scrape pool (job) that has some of it must have discovered all of it, and each target must be scraped by one at
 * least: jobs may share the targets between them by relabelling.
 */
export async function compareTargets(
  prometheus: PrometheusClient,
  wanted: ReadonlySet<string>,
  owner: TargetOwner,
  signal: AbortSignal,
): Promise<string | undefined> {
  const active = groupByPool(await prometheus.listActiveTargets({}, signal), owner);
  const scraped = new Set([...active.values()].flatMap((targets) => [...targets]));
  if (wanted.size > 0 && scraped.size === 0) return `no scrape pool has any of the ${wanted.size}`;
  const difference = describeDifference(wanted, scraped);
  if (difference !== undefined) return `${difference} in ${[...active.keys()].join(', ')}`;
  const short = [...active].filter(([, targets]) => targets.size < wanted.size);
  if (short.length === 0) return undefined;
  const dropped = groupByPool(await prometheus.listDroppedTargets(signal), owner);
  for (const [pool, targets] of short) {
    const discovered = targets.union(dropped.get(pool) ?? new Set<string>());
    const missing = describeDifference(wanted, discovered);
    if (missing !== undefined) return `${missing} in scrape pool ${pool}, but not in another`;
  }
  return undefined;
}

function groupByPool(
  targets: readonly Discovered[],
  owner: TargetOwner,
): ReadonlyMap<string, ReadonlySet<string>> {
  const own = targets.filter(
    ({ discoveredLabels }) =>
      isOwnedBy(discoveredLabels, owner) && discoveredLabels['probe_id'] !== undefined,
  );
  const pools = Map.groupBy(own, ({ scrapePool }) => scrapePool);
  return new Map(
    [...pools].map(([pool, members]) => [
      pool,
      new Set(
        members.map(({ discoveredLabels: labels }) => identifyTarget(labels['__address__'] ?? '', labels)),
      ),
    ]),
  );
}

function describeDifference(wanted: ReadonlySet<string>, present: ReadonlySet<string>): string | undefined {
  const missing = wanted.difference(present);
  const stray = present.difference(wanted);
  if (missing.size === 0 && stray.size === 0) return undefined;
  const example = [...missing, ...stray][0] ?? '';
  return `${missing.size} missing, ${stray.size} too many, such as ${example}`;
}
