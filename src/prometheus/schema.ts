import { z } from 'zod';

const labelsSchema = z.record(z.string(), z.string());

/** What Prometheus says of a target that it hasn't scraped yet: Go's zero time. */
const NEVER = '0001-01-01T00:00:00Z';

/** A target that Prometheus scrapes. */
export interface ActiveTarget {
  readonly scrapePool: string;
  /** Before relabelling, `__address__` and `__meta_…` included. */
  readonly discoveredLabels: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapeUrl: string;
  readonly health: 'up' | 'down' | 'unknown';
  /** Empty when the last scrape went well. */
  readonly lastError: string;
  /** RFC 3339; `undefined` before the first scrape. */
  readonly lastScrape: string | undefined;
}

/** `GET /api/v1/targets` */
export const targetsDataSchema = z.object({
  activeTargets: z.array(
    z
      .object({
        scrapePool: z.string(),
        discoveredLabels: labelsSchema,
        labels: labelsSchema,
        scrapeUrl: z.string(),
        health: z.enum(['up', 'down', 'unknown']),
        lastError: z.string(),
        lastScrape: z.string(),
      })
      .transform((target): ActiveTarget => ({
        ...target,
        lastScrape: target.lastScrape === NEVER ? undefined : target.lastScrape,
      })),
  ),
});

/** A target that a scrape pool has discovered and doesn't scrape, because of its relabelling. */
export interface DroppedTarget {
  readonly scrapePool: string;
  readonly discoveredLabels: Readonly<Record<string, string>>;
}

/** `GET /api/v1/targets?state=dropped`; versions that don't name the pool name it by the label `job`. */
export const droppedTargetsDataSchema = z.object({
  droppedTargets: z.array(
    z
      .object({ scrapePool: z.string().optional(), discoveredLabels: labelsSchema })
      .transform(({ scrapePool, discoveredLabels }): DroppedTarget => ({
        scrapePool: scrapePool ?? discoveredLabels['job'] ?? '',
        discoveredLabels,
      })),
  ),
});

/** One series of an instant query's answer. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** May be `NaN`, `Infinity` or `-Infinity`. */
  readonly value: number;
  /** Seconds since the epoch, with a fraction. */
  readonly timestamp: number;
}

const valueSchema = z.tuple([
  z.number(),
  z
    .string()
    .regex(/^([+-]?Inf|NaN|[-+0-9.eE]+)$/)
    .transform((text) => Number(text.replace('Inf', 'Infinity'))),
]);

/** `POST /api/v1/query`: a vector or a scalar; native histograms and plain strings are no numbers. */
export const queryDataSchema = z.discriminatedUnion('resultType', [
  z
    .object({
      resultType: z.literal('vector'),
      result: z.array(z.object({ metric: labelsSchema, value: valueSchema })),
    })
    .transform(({ result }): readonly Sample[] =>
      result.map(({ metric, value }) => ({ labels: metric, timestamp: value[0], value: value[1] })),
    ),
  z
    .object({ resultType: z.literal('scalar'), result: valueSchema })
    .transform(({ result }): readonly Sample[] => [{ labels: {}, timestamp: result[0], value: result[1] }]),
]);

/** What Prometheus says of its configuration. */
export interface RuntimeInfo {
  readonly startTime: string;
  readonly reloadConfigSuccess: boolean;
  readonly lastConfigTime: string;
}

/** `GET /api/v1/status/runtimeinfo` */
export const runtimeInfoDataSchema = z.object({
  startTime: z.string(),
  reloadConfigSuccess: z.boolean(),
  lastConfigTime: z.string(),
});
