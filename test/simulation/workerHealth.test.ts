import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureTools } from '../../lab/tools/index.ts';
import { METRICS } from '../../src/telemetry/names.ts';
import { eventually } from '../support/await.ts';
import { startWatchedRegion, type WatchedRegion, type WatchedWorker } from './support/workers.ts';

const IN_REGION = { region: 'lab' };
const PATIENCE = { timeoutMs: 30_000, intervalMs: 250 };

let region: WatchedRegion;
let second: WatchedWorker;

/** Two workers and a region with nothing in it; each test goes on where the one before ended. */
beforeAll(async () => {
  region = await startWatchedRegion();
  second = await region.startWorker();
});
afterAll(() => region[Symbol.asyncDispose]());

async function lint(text: string): Promise<{ readonly code: number; readonly said: string }> {
  const { promtool } = await ensureTools(['promtool']);
  const child = spawn(promtool, ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (part: string) => (said += part));
  child.stdin.end(text);
  const [code] = (await once(child, 'close')) as [number];
  return { code, said };
}

test('before any pass, no good one is known, and a worker says when the next one is due at the latest', async () => {
  await eventually(
    async () => {
      expect(await region.first.value('innervisor_passes_read_timestamp_seconds', IN_REGION)).toBeGreaterThan(
        0,
      );
      return true;
    },
    { ...PATIENCE, describe: 'the passes were read' },
  );

  expect(await region.first.value('innervisor_last_good_pass_timestamp_seconds', IN_REGION)).toBe(0);
  const due = await region.first.value('innervisor_pass_due_timestamp_seconds', IN_REGION);
  // Three of the hours between its passes ago.
  expect(Date.now() / 1000 - (due ?? 0)).toSatisfy((ago: number) => ago >= 10_800 && ago < 10_900);
  expect(await region.first.value('innervisor_worker_ready')).toBe(1);
  expect(await region.first.ask('/healthz')).toEqual({ status: 200, body: 'alive\n' });
  expect(await region.first.ask('/readyz')).toEqual({ status: 200, body: 'ready\n' });
  expect((await region.first.ask('/')).status).toBe(404);
});

test('after a pass, each worker says the same of the region, whoever ran its steps', async () => {
  const before = Date.now() / 1000;
  const { outcome } = await region.stack.pass();
  expect(outcome).toBe('converged');

  for (const worker of [region.first, second]) {
    await eventually(
      async () => {
        expect(await worker.value('innervisor_last_good_pass_timestamp_seconds', IN_REGION)).toBeGreaterThan(
          before,
        );
        return true;
      },
      { ...PATIENCE, describe: 'the good pass is seen' },
    );
    const at = (name: string, labels = {}) => worker.value(name, { ...IN_REGION, ...labels });
    expect(await at('innervisor_probes', { state: 'verified' })).toBe(6);
    expect(await at('innervisor_probes', { state: 'missing' })).toBe(0);
    expect(await at('innervisor_passes_total', { outcome: 'converged' })).toBe(1);
    expect(await at('innervisor_last_pass_outcome', { outcome: 'converged' })).toBe(1);
    expect(await at('innervisor_guard_held')).toBe(0);
  }
});

test('a worker that starts later reads of the passes before it', async () => {
  const third = await region.startWorker();

  await eventually(
    async () => {
      expect(await third.value('innervisor_last_good_pass_timestamp_seconds', IN_REGION)).toBe(
        await second.value('innervisor_last_good_pass_timestamp_seconds', IN_REGION),
      );
      return true;
    },
    { ...PATIENCE, describe: 'the good pass is known' },
  );

  expect(await third.value('innervisor_passes_total', { outcome: 'converged' })).toBe(0);
  await third.process.stop();
});

test('requests are counted by service and route, and no label holds an id', async () => {
  const samples = (await Promise.all([region.first, second].map((worker) => worker.samples()))).flat();
  const requests = samples.filter(({ name }) => name === 'innervisor_api_requests_total');
  const count = (service: string, operation: string, code: string): number =>
    requests
      .filter(
        ({ labels }) =>
          labels['service'] === service && labels['operation'] === operation && labels['code'] === code,
      )
      .reduce((sum, { value }) => sum + value, 0);

  expect(count('compute', 'POST /servers', '202')).toBe(6);
  expect(count('identity', 'POST /auth/tokens', '201')).toBeGreaterThan(0);
  expect(count('prometheus', 'POST /api/v1/query', '200')).toBeGreaterThan(0);
  expect(count('alertmanager', 'GET /api/v2/silences', '200')).toBeGreaterThan(0);
  expect(count('s3', 'PutObject', '200')).toBeGreaterThan(0);
  const durations = samples.filter(({ name }) => name === 'innervisor_api_request_duration_seconds_count');
  expect(durations.map(({ labels }) => labels['service'])).toContain('network');
  for (const { labels } of requests) {
    expect(Object.keys(labels).toSorted()).toEqual(['code', 'operation', 'region', 'service']);
    expect(labels['operation']).not.toMatch(/[0-9a-f]{8}/);
  }
});

test('what a worker exposes is what docs/worker-metrics.md says, and Prometheus has nothing to object', async () => {
  const pages = await Promise.all(['/metrics', '/metrics/expected'].map((path) => region.first.ask(path)));
  const body = pages.map((answer) => answer.body).join('');
  const page = await readFile(new URL('../../docs/worker-metrics.md', import.meta.url), 'utf8');

  const exposed = [...body.matchAll(/^# TYPE (innervisor_\w+) (\w+)$/gm)].map(
    ([, name, type]) => `${name} ${type}`,
  );
  const documented = [...page.matchAll(/^\| `(innervisor_\w+)` +\| (\w+) +\| (.*?) +\|/gm)];
  expect(exposed.toSorted()).toEqual(documented.map(([, name, type]) => `${name} ${type}`).toSorted());
  for (const { name, labels } of Object.values(METRICS))
    expect(documented.find(([, documentedName]) => documentedName === name)?.[3]).toBe(
      labels.length === 0 ? '-' : labels.map((label) => `\`${label}\``).join(', '),
    );
  // Either worker may have been given all steps so far.
  const all = `${body}${(await second.ask('/metrics')).body}`;
  for (const [, name] of page.matchAll(/`((?:temporal|nodejs|process)_\w+)`/g))
    expect(all, name).toMatch(new RegExp(`^# TYPE ${name} `, 'm'));
  expect(await lint(body)).toEqual({ code: 0, said: '' });
});

test('each line of the log is JSON that says region, pass, step and attempt, and holds no secret', async () => {
  const lines = [...(await region.first.log()), ...(await second.log())];
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const { secretAccessKey } = region.stack.s3;
  const { stdout } = await region.stack.innervisor('status', 'lab', '--output', 'json');
  const [password = ''] = /(?<=password: )\S+/.exec(await readFile(region.cloud.cloudsYaml, 'utf8')) ?? [];

  expect(entries).toContainEqual(
    expect.objectContaining({
      level: 'info',
      message: 'connected to Temporal: namespace default, task queue innervisor; serves lab',
    }),
  );
  const steps = entries.filter(({ message }) => message === 'createProbes done');
  expect(steps[0]).toMatchObject({
    level: 'info',
    region: 'lab',
    step: 'createProbes',
    attempt: 1,
    workflowId: 'region/lab',
    durationMs: expect.any(Number),
  });
  expect(stdout).toContain(String(steps[0]?.['pass']));
  const ends = entries.filter(({ message }) => message === 'pass ended: converged');
  expect(ends).toMatchObject([{ region: 'lab', workflowId: 'region/lab', runId: expect.any(String) }]);
  expect(password.length).toBeGreaterThan(3);
  for (const line of lines) {
    expect(line).not.toContain(secretAccessKey);
    expect(line).not.toContain(password);
  }
});

test('a hypervisor on which no probe comes up is logged with its probe, and counted', async () => {
  const { stack, cloud } = region;
  await cloud.addHypervisors(1);
  await cloud.setFault('cmp007', { spawn_error: 'out of luck' });
  const { outcome, failures } = await stack.pass();

  expect(outcome).toBe('degraded');
  const lines = [...(await region.first.log()), ...(await second.log())];
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(entries).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      region: 'lab',
      probeId: failures[0]?.probeId,
      kind: 'buildFailed',
    }),
  );
  await eventually(
    async () => {
      expect(await second.value('innervisor_probes', { state: 'missing' })).toBe(1);
      expect(await second.value('innervisor_last_pass_outcome', { outcome: 'degraded' })).toBe(1);
      return true;
    },
    { ...PATIENCE, describe: 'the missing probe is counted' },
  );
});

test('a plan that the guard holds shows while it waits, and goes when the pass has ended otherwise', async () => {
  const { stack, cloud } = region;
  for (const host of ['cmp001', 'cmp002', 'cmp003']) await cloud.disable(host);
  await eventually(async () => (await stack.pass()).plan.marks === 3, {
    ...PATIENCE,
    describe: 'the first pass remembers the drained hypervisors',
  });
  const following = stack.innervisor('reconcile', 'lab', '--output', 'json');

  const seen = (value: number) => async () => {
    expect(await region.first.value('innervisor_guard_held', IN_REGION)).toBe(value);
    return true;
  };
  await eventually(seen(1), { ...PATIENCE, describe: 'the guard is seen to hold' });
  expect(await region.first.value('innervisor_pass_running', IN_REGION)).toBe(1);
  const { stderr } = await stack.innervisor('approve', 'lab');
  const [, plan = ''] = /--plan ([0-9a-f]{12})/.exec(stderr) ?? [];
  await stack.innervisor('reject', 'lab', '--plan', plan);
  await following;
  await eventually(
    async () => (await region.first.value('innervisor_last_pass_outcome', { outcome: 'held' })) === 1,
    {
      ...PATIENCE,
      describe: 'the held pass has ended',
    },
  );
  expect(await region.first.value('innervisor_guard_held', IN_REGION)).toBe(1);
  for (const host of ['cmp001', 'cmp002', 'cmp003']) await cloud.enable(host);
  await stack.pass();
  await eventually(seen(0), { ...PATIENCE, describe: 'nothing is held any more' });
});

test('every worker says of the same hypervisors that they should carry a probe, also while S3 is away', async () => {
  const { cloud, stack } = region;
  await cloud.killCompute('cmp006');
  await cloud.disable('cmp005');
  await stack.pass();
  const expected = async (worker: WatchedWorker): Promise<readonly string[]> => {
    const { body } = await worker.ask('/metrics/expected');
    return [...body.matchAll(/^innervisor_probe_expected\{(.*)\} 1$/gm)].map(([, labels = '']) => labels);
  };
  const six = ['cmp001', 'cmp002', 'cmp003', 'cmp004', 'cmp006', 'cmp007'].map(
    (name) => `region="lab",availability_zone="nova",hypervisor="${name}.lab.example"`,
  );

  for (const worker of [region.first, second])
    await eventually(
      async () => {
        expect(await expected(worker)).toEqual(six);
        return true;
      },
      {
        ...PATIENCE,
        describe: 'the drained one is expected no more; the dead one and the one without a probe are',
      },
    );
  await stack.s3.crash();
  expect(await expected(second)).toEqual(six);

  await stack.s3.restart();
  await cloud.reviveCompute('cmp006');
  await cloud.enable('cmp005');
  await stack.pass();
  await eventually(async () => (await expected(second)).length === 7, {
    ...PATIENCE,
    describe: 'all are expected again',
  });
  expect((await lint((await second.ask('/metrics/expected')).body)).said).toBe('');
});

test('two workers of one task queue share the work', async () => {
  const stepsOf = async (worker: WatchedWorker): Promise<number> => {
    const counts = (await worker.samples()).filter(({ name }) => name === 'innervisor_steps_total');
    return counts.reduce((sum, { value }) => sum + value, 0);
  };
  const workers = [region.first, second];
  const before = await Promise.all(workers.map(stepsOf));

  await eventually(
    async () => {
      await region.stack.pass();
      const after = await Promise.all(workers.map(stepsOf));
      return after.every((count, index) => count > (before[index] ?? 0));
    },
    { timeoutMs: 120_000, describe: 'both have done steps of these passes' },
  );
});

test('an attempt that fails is logged with its pass, and the pass that failed by it is seen by every worker', async () => {
  const { stack } = region;
  await stack.alertmanager.stop();

  const { code } = await stack.innervisor('reconcile', 'lab', '--output', 'json');

  expect(code).toBe(1);
  for (const worker of [region.first, second])
    await eventually(
      async () => {
        expect(await worker.value('innervisor_last_pass_outcome', { outcome: 'failed' })).toBe(1);
        return true;
      },
      { ...PATIENCE, describe: 'the failed pass is seen' },
    );
  const lines = [...(await region.first.log()), ...(await second.log())];
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(entries).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      region: 'lab',
      pass: expect.stringMatching(/^\d{8}T\d{6}Z-/),
      step: 'listInventory',
      attempt: 2,
      error: expect.objectContaining({ kind: 'unavailable' }),
    }),
  );
});
