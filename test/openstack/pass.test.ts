import pMap from 'p-map';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startProbes } from '../../lab/openstack-real/probes.ts';
import { saveHistories } from './support/histories.ts';
import { rawStart } from './support/rawStart.ts';
import { openLab, type Lab } from './support/lab.ts';
import { startStack, type Stack } from './support/stack.ts';
import { eventually } from '../support/await.ts';
import { observeWorld, type World } from './support/world.ts';

/**
 * One region's life on a real control plane, in order: each test goes on where the one before ended, and
 * looks at the cloud, Prometheus, Alertmanager and S3 from outside.
 */
let lab: Lab;
let stack: Stack;
let probes: Awaited<ReturnType<typeof startProbes>>;
let living: ReadonlySet<string> = new Set();
let poll: NodeJS.Timeout;
let hosts: readonly string[] = [];

const world = (): Promise<World> => observeWorld(lab, stack);

beforeAll(async () => {
  lab = await openLab();
  stack = await startStack({ cloudsYaml: lab.cloudsYaml });
  const refresh = async (): Promise<void> => {
    const servers = await lab.listServers();
    living = new Set(
      servers.filter(({ status }) => status === 'ACTIVE').flatMap(({ addresses }) => addresses),
    );
  };
  await refresh();
  poll = setInterval(() => {
    refresh().catch((error: unknown) => {
      console.error('the list of living probes failed', error);
    });
  }, 2000);
  probes = await startProbes({
    peersUrl: stack.peersUrl,
    isAlive: (address) => living.has(address),
    pollMs: 1000,
  });
  hosts = (await lab.listHypervisors()).map(({ host }) => host).toSorted();
});

afterAll(async () => {
  clearInterval(poll);
  try {
    const folder = process.env['INNERVISOR_RECORD_HISTORIES'];
    if (folder !== undefined) await saveHistories(stack.temporal.address, stack.temporalCli, folder);
  } finally {
    await probes.stop();
    await stack.stop();
  }
});

describe('the first pass', () => {
  test('a dry run shows the plan and changes nothing', async () => {
    const { stdout, code } = await stack.innervisor('reconcile', 'lab', '--dry-run', '--output', 'json');

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'planned', plan: { create: hosts.length } });
    expect((await world()).probes).toEqual([]);
  });

  test('takes its time beside plain parallel calls of the API', async () => {
    const started = performance.now();
    const servers = await pMap(hosts, (host) => lab.createServer({ name: `plain-${host}`, host }), {
      concurrency: 8,
    });
    await eventually(
      async () =>
        (await lab.listServers()).filter(({ status }) => status === 'ACTIVE').length === hosts.length,
      { timeoutMs: 300_000, intervalMs: 1000, describe: 'all plain servers to be active' },
    );
    console.log(
      `plain calls: ${hosts.length} servers active in ${Math.round((performance.now() - started) / 1000)} s`,
    );

    await pMap(servers, ({ id }) => lab.deleteServer(id), { concurrency: 8 });
    await eventually(async () => (await lab.listServers()).length === 0, {
      timeoutMs: 120_000,
      intervalMs: 1000,
      describe: 'all plain servers to be gone',
    });
  });

  test('creates a probe on each hypervisor, published and verified', async () => {
    const started = performance.now();
    const report = await stack.pass();
    console.log(
      `first pass: ${hosts.length} probes in ${Math.round((performance.now() - started) / 1000)} s`,
    );

    expect(report).toMatchObject({
      outcome: 'converged',
      created: hosts.length,
      verified: hosts.length,
      failures: [],
    });
    const { probes: made, targets, peers, silences } = await world();
    expect(made.map(({ host }) => host).toSorted()).toEqual(hosts);
    expect(new Set(made.map(({ marked }) => marked))).toEqual(
      new Set(hosts.map((host) => `${host}.lab.example`)),
    );
    expect(targets).toHaveLength(2 * hosts.length);
    expect(peers.map(({ server_id }) => server_id).toSorted()).toEqual(made.map(({ id }) => id).toSorted());
    expect(silences).toEqual([]);
  });
});

test('a pass with nothing to do writes nothing and needs few calls', async () => {
  const before = await world();
  const mark = await lab.mark();

  const report = await stack.pass();

  const requests = await lab.requestsSince(mark);
  const after = await world();
  const writes = requests.filter(
    ({ method, path }) => !['GET', 'HEAD'].includes(method) && !path.includes('/auth/tokens'),
  );
  const events = await stack.eventCount(report.pass);
  console.log(`nothing to do: ${requests.length} calls at the services, ${events} history events`);
  expect(report).toMatchObject({
    outcome: 'converged',
    plan: { keep: hosts.length, create: 0, replace: 0, delete: 0 },
  });
  expect(writes).toEqual([]);
  expect(requests.length).toBeLessThanOrEqual(15);
  expect(events).toBeLessThan(200);
  expect(after.peersEtag).toBe(before.peersEtag);
  expect(after.allSilences).toEqual(before.allSilences);
});

test('started in four ways in the same second, one pass runs', async () => {
  const [victim] = (await world()).probes;
  await lab.deleteServer(victim?.id ?? '');
  await eventually(async () => (await lab.getServer(victim?.id ?? '')) === undefined, {
    timeoutMs: 30_000,
    intervalMs: 500,
    describe: 'the deleted probe to be gone',
  });
  const applied = await stack.innervisor('schedule', 'apply', '--output', 'json');
  expect(JSON.parse(applied.stdout)).toEqual({ lab: 'created' });
  const again = await stack.innervisor('schedule', 'apply', '--output', 'json');
  expect(JSON.parse(again.stdout)).toEqual({ lab: 'unchanged' });
  const mark = await lab.mark();

  const input = '{"region":"lab"}';
  const starts = await Promise.all([
    stack.innervisor('reconcile', 'lab', '--detach'),
    stack.temporalCli(
      'workflow',
      'start',
      '--task-queue',
      'innervisor',
      '--type',
      'reconcileRegion',
      '--workflow-id',
      'by-temporal',
      '--input',
      input,
    ),
    rawStart(stack.temporal.address, 'by-tctl', input),
    stack.temporalCli('schedule', 'trigger', '--schedule-id', 'region/lab'),
  ]);

  expect(starts.map(({ code, stderr }) => (code === 0 ? 'started' : stderr))).toEqual(
    Array(4).fill('started'),
  );
  const outcomes = await stack.outcomesOfEntries(4);
  console.log(`outcomes of the four: ${outcomes.join(', ')}`);
  expect(outcomes.filter((outcome) => outcome === 'converged').length).toBeGreaterThanOrEqual(1);
  const creates = (await lab.requestsSince(mark)).filter(
    ({ service, method, path }) => service === 'nova' && method === 'POST' && path.endsWith('/servers'),
  );
  expect(creates).toHaveLength(1);
  expect((await world()).probes).toHaveLength(hosts.length);
});

test('drift is seen with its reason and repaired: in ERROR, and live-migrated', async () => {
  const [first, second] = (await world()).probes.toSorted((a, b) =>
    (a.host ?? '').localeCompare(b.host ?? ''),
  );
  await lab.resetToError(first?.id ?? '');
  await lab.liveMigrate(second?.id ?? '', hosts.at(-1) ?? '');
  await eventually(async () => (await lab.getServer(second?.id ?? ''))?.host === hosts.at(-1), {
    timeoutMs: 60_000,
    intervalMs: 500,
    describe: 'the migration to end',
  });

  const report = await stack.pass();

  expect(report.changes.map(({ action, reason }) => `${action}: ${reason}`).toSorted()).toEqual([
    'replace: in ERROR',
    `replace: runs on ${hosts.at(-1)}, not on its own hypervisor`,
  ]);
  expect(report).toMatchObject({ outcome: 'converged', replaced: 2 });
  const after = await world();
  expect(after.probes.map(({ host }) => host).toSorted()).toEqual(hosts);
  expect(after.probes.map(({ id }) => id)).not.toContain(first?.id);
  expect(after.targets).toHaveLength(2 * hosts.length);
});

test('a drained hypervisor loses its probe in the second pass, silenced and unpublished before', async () => {
  const host = hosts[0] ?? '';
  const foreign = await lab.createServer({ name: `probe-${host}-0badcafe`, host: hosts[1] ?? '' });
  const doomed = (await world()).probes.find((probe) => probe.host === host);
  await lab.disable(host);
  // Nova counts a hypervisor's servers anew only from time to time.
  const first = await eventually(
    async () => {
      const report = await stack.pass();
      return report.plan.marks === 1 ? report : undefined;
    },
    { timeoutMs: 180_000, intervalMs: 2000, describe: 'Nova to count the drained hypervisor as empty' },
  );
  expect(first).toMatchObject({ outcome: 'converged', deleted: 0 });
  const mark = await lab.mark();

  const second = await stack.pass();

  expect(second).toMatchObject({ outcome: 'converged', deleted: 1 });
  const { probes: left, targets, peers, allSilences } = await world();
  expect(left.map(({ id }) => id)).not.toContain(doomed?.id);
  expect(peers.map(({ server_id }) => server_id)).not.toContain(doomed?.id);
  expect(targets).toHaveLength(2 * (hosts.length - 1));
  expect(allSilences.flatMap(({ matchers }) => matchers.map(({ name }) => name)).toSorted()).toEqual(
    expect.arrayContaining(['peer_id', 'probe_id']),
  );
  const deletes = (await lab.requestsSince(mark)).filter(
    ({ service, method }) => service === 'nova' && method === 'DELETE',
  );
  expect(deletes).toHaveLength(1);
  for (const { startsAt } of allSilences)
    expect(Date.parse(startsAt)).toBeLessThanOrEqual(deletes[0]?.timeMs ?? 0);
  expect((await lab.getServer(foreign.id))?.status).toBe('ACTIVE');

  await lab.enable(host);
  await lab.deleteServer(foreign.id);
  expect(await stack.pass()).toMatchObject({ outcome: 'converged', created: 1 });
  expect((await world()).stray).toEqual([]);
});

test('a hypervisor that is added gets a probe', async () => {
  await lab.addHypervisors(1);
  hosts = (await lab.listHypervisors()).map(({ host }) => host).toSorted();

  const report = await stack.pass();

  expect(report).toMatchObject({ outcome: 'converged', created: 1, verified: hosts.length });
  expect((await world()).targets).toHaveLength(2 * hosts.length);
});

test('an exhausted quota is told and leaves nothing behind', async () => {
  const { probes: before } = await world();
  await lab.deleteServer(before[0]?.id ?? '');
  await eventually(async () => (await world()).probes.length === before.length - 1, {
    timeoutMs: 30_000,
    intervalMs: 500,
    describe: 'the deleted probe to be gone',
  });
  await lab.setInstanceQuota('probes', before.length - 1);

  const report = await stack.pass();

  await lab.setInstanceQuota('probes', -1);
  expect(report).toMatchObject({
    outcome: 'degraded',
    created: 0,
    failures: [{ step: 'create', kind: 'quotaExceeded' }],
  });
  const after = await world();
  expect(after.probes).toHaveLength(before.length - 1);
  expect(after.stray).toEqual([]);
  expect(await stack.pass()).toMatchObject({ outcome: 'converged', created: 1 });
});

test('a spawn that fails stops nobody else and leaves nothing half-made', async () => {
  const host = hosts[2] ?? '';
  const { probes: before } = await world();
  for (const probe of before.filter((item) => item.host === host || item.host === hosts[3]))
    await lab.deleteServer(probe.id);
  await eventually(async () => (await world()).probes.length === before.length - 2, {
    timeoutMs: 30_000,
    intervalMs: 500,
    describe: 'both to be gone',
  });
  await lab.setFault(host, { spawn_error: 'out of luck' });

  const report = await stack.pass();

  expect(report).toMatchObject({ outcome: 'degraded', created: 1 });
  expect(report.failures).toMatchObject([{ hypervisor: `${host}.lab.example`, step: 'build' }]);
  const after = await world();
  expect(after.probes.map((probe) => probe.host).toSorted()).toEqual(hosts.filter((item) => item !== host));
  expect(after.stray).toEqual([]);
  await lab.clearFault(host);
  expect(await stack.pass()).toMatchObject({ outcome: 'converged', created: 1 });
});

test('a compute that dies loses nothing and blocks nothing', async () => {
  const host = hosts.at(-1) ?? '';
  await lab.killCompute(host);
  await eventually(
    async () => (await lab.listHypervisors()).find((item) => item.host === host)?.state === 'down',
    { timeoutMs: 120_000, intervalMs: 500, describe: `${host} to be down` },
  );
  const before = await world();

  const report = await stack.pass();

  expect(report).toMatchObject({ deferred: 1, deleted: 0, created: 0 });
  const after = await world();
  expect(after.probes.map(({ id }) => id).toSorted()).toEqual(before.probes.map(({ id }) => id).toSorted());
  expect(after.targets).toHaveLength(2 * hosts.length);
  await lab.reviveCompute(host);
});

test('credentials without the rights get a clear error and leave nothing behind', async () => {
  const plain = await startStack({ cloudsYaml: lab.cloudsYaml, cloud: 'plain' });
  try {
    const { code, stderr } = await plain.innervisor('reconcile', 'lab');

    expect(code).toBe(1);
    expect(stderr).toMatch(/os_compute_api|Policy doesn't allow|no network "probe-net"/);
    expect((await observeWorld(lab, plain)).peers).toEqual([]);
  } finally {
    await plain.stop();
  }
});
