import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTemporal, type TemporalServer } from '../../lab/servers/index.ts';
import { freePorts } from '../../lab/servers/port.ts';
import { startOwned } from '../../lab/servers/process.ts';
import { eventually } from '../support/await.ts';
import { awaitReady, watchWorker, type WatchedWorker } from './support/workers.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const PATIENCE = { timeoutMs: 60_000, intervalMs: 250 };

let folder: string;
let temporal: TemporalServer;
let configText: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'innervisor-'));
  temporal = await startTemporal({ durable: true });
  const keyPath = join(folder, 'peers.key');
  const key = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  await writeFile(keyPath, key, { mode: 0o600 });
  const auth = {
    auth_url: 'http://127.0.0.1:1/v3',
    username: 'prober',
    password: 'none',
    project_name: 'probes',
    user_domain_name: 'Default',
    project_domain_name: 'Default',
  };
  const clouds = { one: { auth }, two: { auth } };
  await writeFile(join(folder, 'clouds.yaml'), JSON.stringify({ clouds }));
  const minimal = await readFile(new URL('../fixtures/config/minimal.yaml', import.meta.url), 'utf8');
  configText = minimal.replaceAll('/etc/innervisor/peers.key', keyPath);
});
afterAll(async () => {
  await temporal.stop();
  await rm(folder, { recursive: true, force: true });
});

/** Starts a worker of regions that nobody answers for, which it doesn't mind until a pass runs. */
async function startWorker(
  rest: string,
  port: number,
  { text = configText, args = [] }: { readonly text?: string; readonly args?: readonly string[] } = {},
): Promise<WatchedWorker> {
  const configPath = join(folder, 'innervisor.yaml');
  await writeFile(configPath, `${text}${rest}`);
  const env = {
    TEMPORAL_ADDRESS: temporal.address,
    OS_CLIENT_CONFIG_FILE: join(folder, 'clouds.yaml'),
    INNERVISOR_LOG_FORMAT: 'json',
  };
  const own = await mkdtemp(join(folder, 'worker-'));
  const child = await startOwned(
    process.execPath,
    [MAIN, 'worker', '--config', configPath, ...args],
    own,
    env,
  );
  return watchWorker(child, port, own);
}

test('a worker is alive without Temporal, and ready again when it is back', async () => {
  const [port = 0] = await freePorts(1);
  const worker = await startWorker(`worker: { listen: "127.0.0.1:${port}" }\n`, port);
  await awaitReady(worker);

  await temporal.crash();

  await eventually(
    async () => {
      const { status, body } = await worker.ask('/readyz');
      expect(status).toBe(503);
      expect(body).toMatch(/^Temporal doesn't answer: \S/);
      return true;
    },
    { ...PATIENCE, describe: 'the worker is not ready' },
  );
  expect(await worker.ask('/healthz')).toEqual({ status: 200, body: 'alive\n' });
  expect(await worker.value('innervisor_worker_ready')).toBe(0);

  await temporal.restart();

  await awaitReady(worker);
  expect(await worker.value('innervisor_worker_ready')).toBe(1);
  expect(worker.process.isAlive()).toBe(true);
  await worker.process.stop();
});

test('before it is connected it says so', async () => {
  const [port = 0] = await freePorts(1);
  const worker = await startWorker(`worker: { listen: "127.0.0.1:${port}" }\n`, port);

  await eventually(
    async () => {
      expect(await worker.ask('/readyz')).toEqual({
        status: 503,
        body: 'starting: it is not connected to Temporal yet\n',
      });
      return true;
    },
    { timeoutMs: 60_000, intervalMs: 20, describe: 'the worker starts' },
  );
  await awaitReady(worker);
  await worker.process.stop();
});

test('a port that is taken is refused with the key to correct', async () => {
  const listen = new URL(temporal.url).host;
  const worker = await startWorker(`worker: { listen: "${listen}" }\n`, 0);

  await eventually(() => !worker.process.isAlive(), { ...PATIENCE, describe: 'the worker ends' });

  const [line = ''] = await worker.log();
  expect(JSON.parse(line)).toMatchObject({
    level: 'error',
    message: expect.stringContaining(`worker.listen: cannot listen at ${listen}: `),
  });
});

describe('at a site', () => {
  /** Of `one`, whose cloud it knows; the worker knows nothing of that of `two`. */
  const atSite = () =>
    configText.replace('  one:', '  one:\n    taskQueue: site-a').replace('cloud: two', 'cloud: far');

  test('a worker needs what its own regions need, and says and shows those alone', async () => {
    const [port = 0] = await freePorts(1);
    const args = ['--task-queue', 'site-a'];
    const worker = await startWorker(`worker: { listen: "127.0.0.1:${port}" }\n`, port, {
      text: atSite(),
      args,
    });

    await awaitReady(worker);

    const said = (await worker.log()).map((line) => (JSON.parse(line) as { message: string }).message);
    expect(said).toContain('connected to Temporal: namespace default, task queue site-a; serves one');
    const regions = (await worker.samples()).flatMap(({ labels }) => labels['region'] ?? []);
    expect([...new Set(regions)]).toEqual(['one']);
    await worker.process.stop();
  });

  test('without a region on its task queue it ends and names those that have some', async () => {
    const worker = await startWorker('', 0, { text: atSite(), args: ['--task-queue', 'site-b'] });

    await eventually(() => !worker.process.isAlive(), { ...PATIENCE, describe: 'the worker ends' });

    const [line = ''] = await worker.log();
    expect(JSON.parse(line)).toMatchObject({
      level: 'error',
      message: expect.stringMatching(
        /"site-b"; choose one by --task-queue: innervisor \(two\); site-a \(one\)$/,
      ),
    });
  });
});
