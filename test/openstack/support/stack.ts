import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { awaitEntries, countEvents } from './histories.ts';
import { startAlertmanager } from '../../../lab/servers/alertmanager.ts';
import { startPrometheus } from '../../../lab/servers/prometheus.ts';
import { startS3 } from '../../../lab/servers/s3.ts';
import { startTemporal } from '../../../lab/servers/temporal.ts';
import { ensureTools } from '../../../lab/tools/index.ts';
import type { PassReport } from '../../../src/domain/pass.ts';

const run = promisify(execFile);
const BUCKET = 'innervisor';

/** What the command printed and how it ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Real Temporal, Prometheus, Alertmanager and S3, and our worker, around the lab's cloud. */
export async function startStack(options: { readonly cloudsYaml: string; readonly cloud?: string }) {
  const dir = await mkdtemp(join(tmpdir(), 'innervisor-test-'));
  const tools = await ensureTools();
  const temporal = await startTemporal();
  const prometheus = await startPrometheus({ scrapeInterval: '1s' });
  const alertmanager = await startAlertmanager();
  const s3 = await startS3();
  await s3.createBucket(BUCKET, { publicReadPrefix: 'peers/' });

  const keyFile = join(dir, 'peers.key');
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(keyFile, pem, { mode: 0o600 });
  const peersUrl = `${s3.endpoint}/${BUCKET}/peers/lab.json`;
  const region = {
    openstack: {
      cloud: options.cloud ?? 'prober',
      concurrency: 8,
      requestsPerSecond: 50,
      pollMs: 1000,
      timeouts: { requestMs: 30_000, buildMs: 180_000, deleteMs: 60_000 },
    },
    select: { include: ['*'] },
    probe: {
      image: 'probe-image',
      flavor: 'probe',
      networks: ['probe-net'],
      securityGroups: [],
      agentIntervalSeconds: 10,
    },
    peers: {
      bucket: BUCKET,
      key: 'peers/lab.json',
      endpoint: s3.endpoint,
      readUrl: peersUrl,
      signingKeyFile: keyFile,
    },
    prometheus: {
      url: prometheus.url,
      publish: { kind: 'file', path: prometheus.fileSdPath },
      ports: { node: 9100, ping: 9374 },
      timeoutSeconds: 60,
    },
    alertmanager: { urls: [alertmanager.url], rulesRangeSeconds: 60 },
    verify: { timeoutSeconds: 60, intervalSeconds: 1 },
    schedule: { every: '1h', jitter: '0s' },
  };
  const config = {
    installation: 'test',
    regions: { lab: region },
    artifacts: { bucket: BUCKET, endpoint: s3.endpoint },
  };
  const configPath = join(dir, 'innervisor.yaml');
  await writeFile(configPath, stringify(config));

  const env = {
    ...process.env,
    TEMPORAL_ADDRESS: temporal.address,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    OS_CLIENT_CONFIG_FILE: options.cloudsYaml,
    NO_COLOR: '1',
  };
  const worker = startWorker(configPath, env);

  async function command(file: string, args: readonly string[]): Promise<CommandResult> {
    try {
      return { code: 0, ...(await run(file, args, { env, maxBuffer: 16 * 1024 * 1024 })) };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, stdout, stderr };
    }
  }
  const innervisor = (...args: string[]): Promise<CommandResult> =>
    command(process.execPath, ['src/cli/main.ts', '--config', configPath, ...args]);

  return {
    dir,
    configPath,
    peersUrl,
    temporal,
    prometheus,
    alertmanager,
    s3,
    innervisor,
    /** The real `temporal` binary. */
    temporalCli: (...args: string[]): Promise<CommandResult> =>
      command(tools.temporal, [...args, '--address', temporal.address]),
    /** Runs one pass and gives its report, whatever its outcome. */
    async pass(): Promise<PassReport> {
      const { stdout, stderr } = await innervisor('reconcile', 'lab', '--output', 'json');
      if (stdout === '') throw new Error(`the pass gave no report: ${stderr}`);
      return JSON.parse(stdout) as PassReport;
    },
    /** History events of the pass and of the entry that ran it. */
    async eventCount(pass: string): Promise<number> {
      return await countEvents(temporal.address, pass);
    },
    /** The outcomes of the last `count` entries, once all of them have ended. */
    async outcomesOfEntries(count: number): Promise<readonly string[]> {
      return await awaitEntries(temporal.address, count);
    },
    async stop(): Promise<void> {
      await stopWorker(worker);
      await Promise.all([temporal.stop(), prometheus.stop(), alertmanager.stop(), s3.stop()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/** See {@link startStack}. */
export type Stack = Awaited<ReturnType<typeof startStack>>;

function startWorker(configPath: string, env: NodeJS.ProcessEnv): ChildProcess {
  const args = ['worker/main.ts', '--config', configPath];
  const worker = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  // A test run that ends early must not leave it behind.
  const kill = (): void => void worker.kill('SIGKILL');
  process.once('exit', kill);
  worker.once('exit', () => process.off('exit', kill));
  return worker;
}

async function stopWorker(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null) return;
  const exited = once(worker, 'exit');
  worker.kill('SIGTERM');
  await exited;
}
