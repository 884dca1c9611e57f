import { ConfigReferenceError } from './error.ts';
import type { Config } from './schema.ts';

/** The task queue on which everything about a region runs: its own, or that of all. */
export function taskQueueOf({ regions, temporal }: Config, region: string): string {
  return regions[region]?.taskQueue ?? temporal.taskQueue;
}

/** Every task queue that the configuration names, with its regions. */
export function listTaskQueues(config: Config): ReadonlyMap<string, readonly string[]> {
  const served = Map.groupBy(Object.keys(config.regions), (region) => taskQueueOf(config, region));
  return new Map([[config.temporal.taskQueue, []], ...served]);
}

/**
 * The configuration as a worker of one task queue needs it: it has no other region, so that nothing of another site has to
 * be there or be reached.
 * @throws ConfigReferenceError where no region is on that task queue; it names those that have regions.
 */
export function forTaskQueue(config: Config, taskQueue: string): Config {
  const mine = Object.entries(config.regions).filter(([region]) => taskQueueOf(config, region) === taskQueue);
  if (mine.length > 0)
    return { ...config, regions: Object.fromEntries(mine), temporal: { ...config.temporal, taskQueue } };
  const others = [...listTaskQueues(config)].filter(([, regions]) => regions.length > 0);
  throw new ConfigReferenceError(
    `no region of innervisor.yaml is on task queue ${JSON.stringify(taskQueue)}; choose one by --task-queue: ` +
      others.map(([name, regions]) => `${name} (${regions.join(', ')})`).join('; '),
  );
}

/** The regions that are on other task queues than this one, each with its own. */
export function listElsewhere(config: Config, taskQueue: string): ReadonlyMap<string, string> {
  const all = Object.keys(config.regions).map((region) => [region, taskQueueOf(config, region)] as const);
  return new Map(all.filter(([, queue]) => queue !== taskQueue));
}
