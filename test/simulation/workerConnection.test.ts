import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTemporal, type TemporalServer } from '../../lab/servers/index.ts';
import { freePorts } from '../../lab/servers/port.ts';
import { ensureTools } from '../../lab/tools/index.ts';
import { eventually } from '../support/await.ts';
import { runInnervisor } from '../support/innervisor.ts';
import {
  createCertificates,
  startMutualTls,
  startRefusal,
  type Front,
  type Variables,
} from '../support/tlsFront.ts';
import { createUnansweredRegions, type UnansweredRegions } from './support/unansweredRegions.ts';
import { awaitReady, type WatchedWorker } from './support/workers.ts';

const NAMESPACE = 'innervisor-prod';
const API_KEY = 'key-that-nobody-may-read';

const certificates = createCertificates();
const { trusting, showing } = certificates;

let temporal: TemporalServer;
/** Takes client certificates of `clients` alone. */
let front: Front;
let refusal: Awaited<ReturnType<typeof startRefusal>>;
let regions: UnansweredRegions;

beforeAll(async () => {
  temporal = await startTemporal();
  const { temporal: command } = await ensureTools(['temporal']);
  const line = ['operator', 'namespace', 'create', '--namespace', NAMESPACE, '--address', temporal.address];
  await promisify(execFile)(command, line);
  front = await startMutualTls(certificates, 'clients', Number(new URL(`http://${temporal.address}`).port));
  refusal = await startRefusal(certificates);
  regions = await createUnansweredRegions();
});
afterAll(async () => {
  await Promise.all([front.stop(), refusal.stop(), temporal.stop()]);
  await regions[Symbol.asyncDispose]();
});

/** What a worker that can't begin has logged, once it has ended. */
async function expectEnd(worker: WatchedWorker): Promise<readonly string[]> {
  const patience = { timeoutMs: 90_000, intervalMs: 250, describe: 'the worker ends' };
  await eventually(() => !worker.process.isAlive(), patience);
  return (await worker.log()).map((line) => {
    const { level, message } = JSON.parse(line) as { readonly level: string; readonly message: string };
    return `${level}: ${message}`;
  });
}

async function workflowsIn(namespace: string) {
  const response = await fetch(`${temporal.url}/api/v1/namespaces/${namespace}/workflows`);
  const { executions = [] } = (await response.json()) as {
    readonly executions?: readonly { readonly type: { readonly name: string }; readonly status: string }[];
  };
  return executions.map(({ type, status }) => `${type.name} ${status}`);
}

test('a worker does its work over TLS with a certificate on both sides, in a namespace of its own', async () => {
  const [port = 0] = await freePorts(1);
  const connection = { TEMPORAL_ADDRESS: front.address, TEMPORAL_NAMESPACE: NAMESPACE };
  const env: Variables = { ...connection, ...trusting('servers'), ...showing('client') };
  const worker = await regions.startWorker({ port, env });
  await awaitReady(worker);

  const { configPath } = regions;
  const place = { configPath, env: { ...regions.env, ...env } };
  const { stdout, stderr } = await runInnervisor(['preflight', 'one'], place);

  expect(stderr).toBe('');
  expect(stdout).toMatch(/^one: not ready\n.*127\.0\.0\.1:1\/v3.*ECONNREFUSED/);
  // It answers before it says so.
  const said = await eventually(
    async () => {
      const lines = (await worker.log()).map((line) => JSON.parse(line) as Record<string, unknown>);
      return lines.some(({ message }) => message === 'preflight done') ? lines : undefined;
    },
    { describe: 'the worker to say what it has done' },
  );
  expect(said).toContainEqual(
    expect.objectContaining({
      message: `connected to Temporal: namespace ${NAMESPACE}, task queue innervisor; serves one, two`,
    }),
  );
  expect(said).toContainEqual(expect.objectContaining({ message: 'preflight done', region: 'one' }));
  expect(said.filter(({ level }) => level !== 'info')).toEqual([]);
  const done = 'preflightRegion WORKFLOW_EXECUTION_STATUS_COMPLETED';
  await eventually(async () => (await workflowsIn(NAMESPACE)).includes(done), {
    timeoutMs: 30_000,
    describe: 'the workflow stands in the namespace',
  });
  expect(await workflowsIn('default')).not.toContain(done);
  await worker.process.stop();
});

test('a worker shows its API key as a bearer token alone, and ends when it is refused', async () => {
  const { address } = refusal;
  const env = { TEMPORAL_ADDRESS: address, TEMPORAL_API_KEY: API_KEY, ...trusting('servers') };
  const worker = await regions.startWorker({ env });
  // It is empty for a moment while one program becomes the next.
  const commandLine = await eventually(
    async () => (await readFile(`/proc/${worker.process.pid}/cmdline`, 'utf8')) || undefined,
    { intervalMs: 10, describe: 'the worker to have a command line' },
  );

  const said = await expectEnd(worker);

  expect(new Set(refusal.shown)).toEqual(new Set([`Bearer ${API_KEY}`]));
  expect(said).toEqual([
    `error: Temporal at ${address} refuses the API key: Request unauthorized.; set TEMPORAL_API_KEY, or api_key of the profile in temporal.toml, to a key that is valid there`,
  ]);
  expect(commandLine).toContain('worker');
  expect(commandLine).not.toContain(API_KEY);
  expect((await worker.log()).join()).not.toContain(API_KEY);
});

test('a worker whose client certificate is refused ends and names what to set', async () => {
  const env = { TEMPORAL_ADDRESS: front.address, ...trusting('servers'), ...showing('stranger') };
  const worker = await regions.startWorker({ env });

  expect(await expectEnd(worker)).toEqual([
    `error: no Temporal server answers at ${front.address}: it ends the connection; it may demand another client certificate; set TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, or tls of the profile in temporal.toml`,
  ]);
});

test('a worker in a namespace that is not there ends and names what to set', async () => {
  const env = { TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: 'nowhere' };
  const worker = await regions.startWorker({ env });

  expect(await expectEnd(worker)).toEqual([
    'error: Temporal has no namespace "nowhere"; set TEMPORAL_NAMESPACE, or namespace of the profile in temporal.toml',
  ]);
});

test('a worker in a namespace that is closed to it ends and names what to set', async () => {
  const closed = { status: 7, message: 'not yours', open: ['GetSystemInfo'] };
  const server = await startRefusal(certificates, closed);
  const env = { TEMPORAL_ADDRESS: server.address, TEMPORAL_API_KEY: API_KEY, ...trusting('servers') };
  const worker = await regions.startWorker({ env });

  expect(await expectEnd(worker)).toEqual([
    "error: Temporal refused: namespace default can't be described: not yours; give the API key or client certificate rights in that namespace: TEMPORAL_API_KEY, TEMPORAL_NAMESPACE, temporal.toml",
  ]);
  await server.stop();
});
