import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTemporal, type TemporalServer } from '../../lab/servers/index.ts';
import { freePorts } from '../../lab/servers/port.ts';
import { eventually } from '../support/await.ts';
import { createUnansweredRegions, type UnansweredRegions } from './support/unansweredRegions.ts';
import { awaitReady, type WatchedWorker } from './support/workers.ts';

const PATIENCE = { timeoutMs: 60_000, intervalMs: 250 };

let temporal: TemporalServer;
let regions: UnansweredRegions;
beforeAll(async () => {
  temporal = await startTemporal({ durable: true });
  regions = await createUnansweredRegions();
});
afterAll(async () => {
  await temporal.stop();
  await regions[Symbol.asyncDispose]();
});

async function startWorker(
  options: Omit<Parameters<UnansweredRegions['startWorker']>[0], 'env'>,
): Promise<WatchedWorker> {
  return await regions.startWorker({ env: { TEMPORAL_ADDRESS: temporal.address }, ...options });
}

test('a worker is alive without Temporal, and ready again when it is back', async () => {
  const [port = 0] = await freePorts(1);
  const worker = await startWorker({ port });
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
  const worker = await startWorker({ port });

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
  const worker = await startWorker({ listen });

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
    regions.configText.replace('  one:', '  one:\n    taskQueue: site-a').replace('cloud: two', 'cloud: far');

  test('a worker needs what its own regions need, and says and shows those alone', async () => {
    const [port = 0] = await freePorts(1);
    const args = ['--task-queue', 'site-a'];
    const worker = await startWorker({ port, text: atSite(), args });

    await awaitReady(worker);

    const said = (await worker.log()).map((line) => (JSON.parse(line) as { message: string }).message);
    expect(said).toContain('connected to Temporal: namespace default, task queue site-a; serves one');
    const regions = (await worker.samples()).flatMap(({ labels }) => labels['region'] ?? []);
    expect([...new Set(regions)]).toEqual(['one']);
    await worker.process.stop();
  });

  test('without a region on its task queue it ends and names those that have some', async () => {
    const worker = await startWorker({ text: atSite(), args: ['--task-queue', 'site-b'] });

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
