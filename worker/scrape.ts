import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { DefaultLogger } from '@temporalio/worker';
import type { WorkerMetrics } from '../src/telemetry/metrics.ts';
import { createPassWatch } from './passWatch.ts';
import type { ReadinessCheck } from './readiness.ts';
import type { ReadSdkMetrics } from './temporalRuntime.ts';

/** What is known of passes is read anew when it is older than this, so that many scrapers cost no more than one. */
const READ_EVERY_MS = 5_000;
/** A scrape waits so long for it, then shows what was known before: Prometheus gives up after 10 seconds. */
const WAIT_MS = 3_000;
const READ_TIMEOUT_MS = 30_000;

/** What one scrape is put together from. */
export interface ScrapeOptions {
  readonly metrics: WorkerMetrics;
  readonly readSdkMetrics: ReadSdkMetrics;
  readonly readiness: ReadinessCheck;
  readonly regions: readonly string[];
  readonly logger: DefaultLogger;
}

/** Puts the metrics of a worker together. */
export interface Scraper {
  /** From now on, passes are read with this client. */
  readonly connected: (client: Client) => void;
  readonly scrape: () => Promise<{ readonly text: string; readonly contentType: string }>;
}

/** Makes the scraper of a worker; of passes it says nothing until it is connected. */
export function createScraper(options: ScrapeOptions): Scraper {
  const { metrics, readiness, logger } = options;
  const readSdk = warnOnce("the metrics of Temporal's SDK can't be read", logger, options.readSdkMetrics);
  let reads: readonly (() => Promise<string>)[] = [];
  let client: Client | undefined;
  let reading: { readonly atMs: number; readonly done: Promise<unknown>; isDone: boolean } | undefined;

  function readPasses(): Promise<unknown> {
    if (client === undefined) return Promise.resolve();
    const nowMs = performance.now();
    if (reading === undefined || (reading.isDone && nowMs - reading.atMs >= READ_EVERY_MS)) {
      const done = client.withDeadline(Date.now() + READ_TIMEOUT_MS, () =>
        Promise.all(reads.map((read) => read())),
      );
      const started = { atMs: nowMs, done, isDone: false };
      reading = started;
      void done.then(() => (started.isDone = true));
    }
    return reading.done;
  }

  return {
    connected: (connectedClient) => {
      client = connectedClient;
      reads = options.regions.map((region) => {
        const watch = createPassWatch(connectedClient, region, metrics.countPass);
        const look = async (): Promise<string> => {
          metrics.setRegion(await watch.look());
          return '';
        };
        return warnOnce(`the passes over ${region} can't be read from Temporal`, logger, look);
      });
      void readPasses();
    },
    scrape: async () => {
      const stop = new AbortController();
      const late = delay(WAIT_MS, undefined, { signal: stop.signal }).catch(() => undefined);
      const [answer, sdk] = await Promise.all([
        readiness.check(),
        readSdk(),
        Promise.race([readPasses(), late]).finally(() => stop.abort()),
      ]);
      metrics.setReady(answer.isReady);
      return { text: `${await metrics.render()}${sdk}`, contentType: metrics.contentType };
    },
  };
}

/** Does something that may fail for a while; says so once, and once when it works again. `''` where it fails. */
function warnOnce(what: string, logger: DefaultLogger, work: () => Promise<string>): () => Promise<string> {
  let isFailing = false;
  return async () => {
    try {
      const result = await work();
      if (isFailing) logger.info(`no longer: ${what}`);
      isFailing = false;
      return result;
    } catch (error) {
      if (!isFailing) logger.warn(what, { error });
      isFailing = true;
      return '';
    }
  };
}
