import type { Client } from '@temporalio/client';
import type { DefaultLogger } from '@temporalio/worker';
import type { RegionFacts, WorkerMetrics } from '../src/telemetry/metrics.ts';
import { createExpectedProbes, type ReadExpected } from './expectedProbes.ts';
import { createPassWatch } from './passWatch.ts';
import { awaitReading, shareReading, warnOnce } from './reading.ts';
import type { ReadinessCheck } from './readiness.ts';
import type { ReadSdkMetrics } from './temporalRuntime.ts';

const READ_TIMEOUT_MS = 30_000;

/** What one scrape is put together from. */
export interface ScrapeOptions {
  readonly metrics: WorkerMetrics;
  readonly readSdkMetrics: ReadSdkMetrics;
  readonly readiness: ReadinessCheck;
  readonly logger: DefaultLogger;
}

/** Text for Prometheus, and its type. */
export interface Exposition {
  readonly text: string;
  readonly contentType: string;
}

/** Puts the metrics of a worker together. */
export interface Scraper {
  /** From now on, passes are read with this client, and what these regions' passes have stored with their readers. */
  readonly connected: (client: Client, readers: ReadonlyMap<string, ReadExpected>) => void;
  readonly scrape: () => Promise<Exposition>;
  /** Which hypervisors should carry a probe; read only for those who ask. */
  readonly scrapeExpected: () => Promise<Exposition>;
}

/** Makes the scraper of a worker; of passes it says nothing until it is connected. */
export function createScraper(options: ScrapeOptions): Scraper {
  const { metrics, readiness, logger } = options;
  const { contentType } = metrics;
  const readSdk = warnOnce("the metrics of Temporal's SDK can't be read", logger, options.readSdkMetrics);
  let readPasses = (): Promise<unknown> => Promise.resolve();
  let readExpected = readPasses;
  let expected = createExpectedProbes(new Map());

  function connected(client: Client, readers: ReadonlyMap<string, ReadExpected>): void {
    expected = createExpectedProbes(readers);
    const regions = [...readers.keys()].map((region) => {
      const watch = createPassWatch(client, region, metrics.countPass);
      let facts: RegionFacts | undefined;
      const look = async (): Promise<string> => {
        facts = await watch.look();
        metrics.setRegion(facts);
        return '';
      };
      const follow = async (): Promise<string> => {
        if (facts !== undefined) await expected.follow(facts);
        return '';
      };
      return {
        look: warnOnce(`the passes over ${region} can't be read from Temporal`, logger, look),
        follow: warnOnce(`which hypervisors of ${region} should carry a probe can't be read`, logger, follow),
      };
    });
    readPasses = shareReading(() =>
      client.withDeadline(Date.now() + READ_TIMEOUT_MS, () => Promise.all(regions.map(({ look }) => look()))),
    );
    readExpected = shareReading(async () => {
      await readPasses();
      await Promise.all(regions.map(({ follow }) => follow()));
    });
    void readPasses();
  }

  return {
    connected,
    scrape: async () => {
      const [answer, sdk] = await Promise.all([readiness.check(), readSdk(), awaitReading(readPasses())]);
      metrics.setReady(answer.isReady);
      return { text: `${await metrics.render()}${sdk}`, contentType };
    },
    scrapeExpected: async () => {
      await awaitReading(readExpected());
      return { text: expected.render(Date.now()), contentType };
    },
  };
}
