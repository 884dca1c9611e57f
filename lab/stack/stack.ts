import { generateKeyPairSync } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  startAlertmanager,
  startPrometheus,
  startS3,
  startTemporal,
  type AlertmanagerServer,
  type PrometheusOptions,
  type PrometheusServer,
  type S3Server,
  type TemporalServer,
} from '../servers/index.ts';
import { startOwned, type OwnedProcess } from '../servers/process.ts';
import { ensureTools } from '../tools/index.ts';
import { command, type CommandOptions, type CommandResult } from './command.ts';
import { SEARCH_ATTRIBUTES } from './searchAttributes.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const BUCKET = 'innervisor';

/** As in the script `worker` of package.json: garbage is collected early, which keeps a busy worker small. */
const WORKER_NODE_OPTIONS = ['--max-semi-space-size=2', '--optimize-for-size'] as const;

/** Ports that people know; each is tried first, and a free one is taken where it isn't free. */
export interface KnownPorts {
  readonly temporal: number;
  readonly webUi: number;
  readonly prometheus: number;
  readonly alertmanager: number;
  readonly s3: number;
}

/** What a configuration of Innervisor needs to know of the servers. */
export interface StackAddresses {
  readonly bucket: string;
  readonly s3Endpoint: string;
  readonly s3Region: string;
  readonly prometheusUrl: string;
  readonly targetsPath: string;
  readonly alertmanagerUrl: string;
  readonly signingKeyPath: string;
}

/** How the region is watched by rules. */
export interface StackMonitoring {
  /** Absolute paths of rule files, or patterns of them. */
  readonly ruleFiles: readonly string[];
  /** Alertmanager's whole configuration as YAML; by default one receiver that does nothing. */
  readonly alertmanagerConfig?: string;
  /** Where the first worker shows its health, by `worker.listen` of its configuration. */
  readonly workerPort: number;
}

/** Options of {@link startStack}. */
export interface StackOptions {
  /** The OpenStack credentials that worker and command read. */
  readonly cloudsYaml: string;
  /** Writes `innervisor.yaml` for the servers that were started. */
  readonly renderConfig: (addresses: StackAddresses) => string;
  /** Where everything is put; by default a folder of its own, removed by `stop`. */
  readonly folder?: string;
  readonly ports?: KnownPorts;
  readonly webUi?: boolean;
  /** Whether Temporal survives a crash; false by default. */
  readonly durable?: boolean;
  /** Our program, for commands and workers; the one of this checkout by default. */
  readonly program?: string;
  /** Added to the command line of each worker. */
  readonly workerArgs?: readonly string[];
  /** Added to the environment of each worker. */
  readonly workerEnv?: Readonly<Record<string, string>>;
  /** `1s` by default. */
  readonly scrapeInterval?: string;
  /** Left out: no rules, and nobody scrapes the worker. */
  readonly monitoring?: StackMonitoring;
  /** Stops the start between two servers. */
  readonly signal?: AbortSignal;
}

/** What one worker gets besides what all get. */
export interface WorkerOptions {
  /** Arguments of Node. */
  readonly nodeArgs?: readonly string[];
  /** A configuration other than that of the others. */
  readonly configPath?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Real Temporal, Prometheus, Alertmanager and S3 with a worker of ours, around a cloud that is already there. */
export interface Stack extends AsyncDisposable {
  readonly folder: string;
  readonly configPath: string;
  readonly bucket: string;
  readonly temporal: TemporalServer;
  readonly prometheus: PrometheusServer;
  readonly alertmanager: AlertmanagerServer;
  readonly s3: S3Server;
  readonly worker: OwnedProcess;
  /** Starts one more worker beside those that run; `stop` ends it too. */
  startWorker(more?: WorkerOptions): Promise<OwnedProcess>;
  /** Runs our command with the stack's configuration. */
  innervisor(args: readonly string[], options?: Omit<CommandOptions, 'env'>): Promise<CommandResult>;
  /** Runs the real `temporal` command. */
  temporalCli(args: readonly string[]): Promise<CommandResult>;
  stop(): Promise<void>;
}

/**
 * Starts the servers side by side, then the worker.
 *
 * @throws Error when one of them doesn't start; the others are stopped by then.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  await using starting = new AsyncDisposableStack();
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'innervisor-stack-')));
  if (options.folder === undefined)
    starting.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const tools = await ensureTools(['temporal']);
  const servers = await startServers(folder, options, starting);
  options.signal?.throwIfAborted();

  const signingKeyPath = await writeSigningKey(folder);
  const configPath = join(folder, 'innervisor.yaml');
  const { s3, prometheus, alertmanager, temporal } = servers;
  const addresses: StackAddresses = {
    bucket: BUCKET,
    s3Endpoint: s3.endpoint,
    s3Region: s3.region,
    prometheusUrl: prometheus.url,
    targetsPath: prometheus.fileSdPath,
    alertmanagerUrl: alertmanager.url,
    signingKeyPath,
  };
  await writeFile(configPath, options.renderConfig(addresses));
  const added = {
    TEMPORAL_ADDRESS: temporal.address,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    OS_CLIENT_CONFIG_FILE: options.cloudsYaml,
  };
  const { program = PROGRAM } = options;
  let workers = 0;
  const startOneWorker = async ({
    nodeArgs = [],
    env: more = {},
    configPath: own = configPath,
  }: WorkerOptions = {}): Promise<OwnedProcess> => {
    workers += 1;
    const place = join(folder, `worker-${workers}`);
    await mkdir(place);
    const started = [...WORKER_NODE_OPTIONS, ...nodeArgs, program, 'worker'];
    const args = [...started, '--config', own, ...(options.workerArgs ?? [])];
    return await startOwned(process.execPath, args, place, { ...added, ...options.workerEnv, ...more });
  };
  const worker = starting.adopt(await startOneWorker(), (started) => started.stop());
  const held = starting.move();

  const env = { ...process.env, ...added, NO_COLOR: '1' };
  const stop = (): Promise<void> => held.disposeAsync();
  return {
    folder,
    configPath,
    bucket: BUCKET,
    ...servers,
    worker,
    startWorker: async (more) => held.adopt(await startOneWorker(more), (started) => started.stop()),
    innervisor: (args, more = {}) =>
      command(process.execPath, [program, '--config', configPath, ...args], {
        env,
        ...more,
      }),
    temporalCli: (args) => command(tools.temporal, [...args, '--address', temporal.address], { env }),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function startServers(
  folder: string,
  { ports, webUi = false, durable = false, scrapeInterval = '1s', monitoring }: StackOptions,
  starting: AsyncDisposableStack,
) {
  const at = (...preferred: (number | undefined)[]) => ({
    folder,
    ports: preferred.filter((port) => port !== undefined),
  });
  const launches = [
    startTemporal({
      webUi,
      durable,
      searchAttributes: SEARCH_ATTRIBUTES,
      placement: at(ports?.temporal, ports?.webUi),
    }),
    startPrometheusWithAlerts(),
    startS3(at(ports?.s3)),
  ] as const;
  // All are waited for, so that one that fails leaves none of the others behind.
  const settled = await Promise.allSettled(launches);
  for (const outcome of settled)
    if (outcome.status === 'fulfilled') for (const server of [outcome.value].flat()) starting.use(server);
  const [temporal, [alertmanager, prometheus], s3] = await Promise.all(launches);
  await s3.createBucket(BUCKET, { publicReadPrefix: 'peers/' });
  return { temporal, prometheus, alertmanager, s3 };

  async function startPrometheusWithAlerts(): Promise<[AlertmanagerServer, PrometheusServer]> {
    const config = monitoring?.alertmanagerConfig;
    const receiver = await startAlertmanager({
      placement: at(ports?.alertmanager),
      ...(config === undefined ? {} : { config }),
    });
    try {
      const server = await startPrometheus({
        placement: at(ports?.prometheus),
        scrapeInterval,
        alertmanagers: [new URL(receiver.url).host],
        ...(monitoring === undefined ? {} : watching(monitoring)),
      });
      return [receiver, server];
    } catch (error) {
      await receiver.stop();
      throw error;
    }
  }
}

/** The rules, and the jobs that docs/worker-metrics.md tells to scrape. */
function watching({ ruleFiles, workerPort }: StackMonitoring): Pick<PrometheusOptions, 'ruleFiles' | 'jobs'> {
  const targets = [`127.0.0.1:${workerPort}`];
  return {
    ruleFiles,
    jobs: [
      { name: 'innervisor-worker', path: '/metrics', targets },
      { name: 'innervisor-expected', path: '/metrics/expected', targets },
    ],
  };
}

async function writeSigningKey(folder: string): Promise<string> {
  const path = join(folder, 'peers.key');
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(path, pem, { mode: 0o600 });
  return path;
}
