import { Client } from '@temporalio/client';
import type { NativeConnection, WorkerOptions, Worker } from '@temporalio/worker';
import { readEnvironment } from '../src/config/environment.ts';
import { ConfigError, ConfigReferenceError } from '../src/config/error.ts';
import type { Config } from '../src/config/index.ts';
import { readLogSettings } from '../src/config/worker.ts';
import { createLogger } from '../src/telemetry/logger.ts';
import { createMetrics, type ApiRequest } from '../src/telemetry/metrics.ts';
import { createStepLogs } from '../src/telemetry/stepLogs.ts';
import type { ReadExpected } from './expectedProbes.ts';
import { startHealthServer } from './healthServer.ts';
import { createPassDue } from './passDue.ts';
import { createReadinessCheck } from './readiness.ts';
import { createScraper, type Scraper } from './scrape.ts';
import { installRuntime } from './temporalRuntime.ts';
import { loadTracing } from './tracing.ts';

/** All by which a worker shows how it is: logs, metrics, health, traces. */
export interface Telemetry extends AsyncDisposable {
  readonly countRequest: (request: ApiRequest) => void;
  readonly warn: (line: string) => void;
  /** Whether the workflows' bundle has to be one that traces itself. */
  readonly isTracing: boolean;
  /** What the worker has to be made with. */
  readonly workerOptions: Pick<WorkerOptions, 'interceptors' | 'plugins'>;
  /** From now on, it is told whether the worker is ready. `readers` read what the passes of each region have stored. */
  connected(
    worker: Worker,
    connection: NativeConnection,
    namespace: string,
    readers: ReadonlyMap<string, ReadExpected>,
  ): void;
}

/**
 * Starts them, before anything else of Temporal's is touched.
 * @throws ConfigReferenceError for an address at which it can't listen, or a setting of the environment that is wrong.
 */
export async function startTelemetry(config: Config): Promise<Telemetry> {
  await using starting = new AsyncDisposableStack();
  const environment = readEnvironment();
  const { level, format } = readLogSettings(environment, config.worker);
  const logger = createLogger({
    level,
    format: format === 'auto' ? (process.stderr.isTTY ? 'text' : 'json') : format,
    write: (line) => process.stderr.write(`${line}\n`),
  });
  const { listen } = config.worker;
  const runtime = starting.use(await installRuntime(logger, listen !== null));
  const tracing = starting.use(await loadTracing(environment));
  const regions = Object.entries(config.regions);
  const metrics = createMetrics(
    new Map(regions.map(([name, { schedule }]) => [name, createPassDue(schedule)])),
  );
  const readiness = createReadinessCheck();
  const scraper = createScraper({
    metrics,
    readSdkMetrics: runtime.readMetrics,
    readiness,
    logger,
  });
  if (listen !== null) starting.use(await serve(listen, readiness.check, scraper));
  const held = starting.move();
  return {
    countRequest: metrics.countRequest,
    warn: (line) => logger.warn(line),
    isTracing: tracing !== undefined,
    workerOptions: {
      interceptors: { activity: [createStepLogs(metrics.countStep)] },
      ...(tracing === undefined ? {} : { plugins: [tracing.plugin] }),
    },
    connected: (worker, connection, namespace, readers) => {
      readiness.connected({ worker, connection });
      if (listen !== null) scraper.connected(new Client({ connection, namespace }), readers);
      const served = regions.map(([name]) => name).join(', ');
      const { taskQueue } = config.temporal;
      logger.info(`connected to Temporal: namespace ${namespace}, task queue ${taskQueue}; serves ${served}`);
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Tells why a worker ends, as it would have logged it: also before it knows how its configuration wants that. */
export function logFatal(error: unknown): void {
  const asked = readEnvironment()['INNERVISOR_LOG_FORMAT'];
  const isForOperator = error instanceof ConfigError || error instanceof ConfigReferenceError;
  if (asked === 'text' || (asked !== 'json' && process.stderr.isTTY)) {
    console.error(isForOperator ? error.message : error);
    return;
  }
  const logger = createLogger({ level: 'error', format: 'json', write: (line) => console.error(line) });
  const message = error instanceof Error ? error.message : String(error);
  logger.error(message, isForOperator ? {} : { error });
}

async function serve(
  listen: NonNullable<Config['worker']['listen']>,
  readiness: ReturnType<typeof createReadinessCheck>['check'],
  { scrape, scrapeExpected }: Scraper,
) {
  try {
    return await startHealthServer({ ...listen, readiness, metrics: scrape, expected: scrapeExpected });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    const message =
      `worker.listen: cannot listen at ${listen.host}:${listen.port}: ${error.message}; ` +
      'choose another port: each worker of a host needs one of its own, and so does serviceDiscovery.listen';
    throw new ConfigReferenceError(message);
  }
}
