import pMap from 'p-map';
import { expect, test } from 'vitest';
import type { PreflightReport } from '../../src/domain/preflight.ts';
import { rawStart } from '../openstack/support/rawStart.ts';
import { eventually } from '../support/await.ts';
import { countCalls } from './calls.ts';
import type { Life } from './life.ts';

const CONCURRENCY = 8;

/** From an empty region to one that is as planned, and what a pass costs then. */
export function playFirstPasses(current: () => Life): void {
  test('a look before the first pass finds the region ready, with all that it looks at to be seen', async () => {
    const { cloud, stack } = current();
    const { code, stdout } = await stack.innervisor('preflight', 'lab', '--output', 'json');

    const { checks } = JSON.parse(stdout) as PreflightReport;
    expect(checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(checks.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['right to pin servers', 'quota of ports', 'addresses of probe-net']),
    );
    expect(code).toBe(0);
    expect(await cloud.listServers()).toEqual([]);
  });

  test('a dry run shows the plan and changes nothing', async () => {
    const life = current();
    const dryRun = ['reconcile', 'lab', '--dry-run', '--output', 'json'];
    const { stdout, code } = await life.stack.innervisor(...dryRun);

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'planned', plan: { create: life.hosts.length } });
    expect((await life.world()).probes).toEqual([]);
  });

  test('plain parallel calls of the API take their time, for comparison', async () => {
    const life = current();
    const { cloud, hosts } = life;
    const started = performance.now();
    const servers = await pMap(hosts, (host) => cloud.createServer({ name: `plain-${host}`, host }), {
      concurrency: CONCURRENCY,
    });
    const countActive = async (): Promise<number> =>
      (await cloud.listServers()).filter(({ status }) => status === 'ACTIVE').length;
    await eventually(
      async () => (await countActive()) === hosts.length,
      life.patience('all plain servers to be active'),
    );
    console.log(`plain calls: ${hosts.length} servers active in ${secondsSince(started)} s`);

    await pMap(servers, ({ id }) => cloud.deleteServer(id), { concurrency: CONCURRENCY });
    await eventually(
      async () => (await cloud.listServers()).length === 0,
      life.patience('all plain servers to be gone'),
    );
  });

  test('the first pass creates a probe on each hypervisor, published and verified', async () => {
    const life = current();
    const { hosts } = life;
    const started = performance.now();

    const report = await life.stack.pass();

    console.log(`first pass: ${hosts.length} probes in ${secondsSince(started)} s`);
    const all = hosts.length;
    expect(report).toMatchObject({ outcome: 'converged', created: all, verified: all, failures: [] });
    const { probes: made, targets, peers, silences } = await life.world();
    expect(made.map(({ host }) => host).toSorted()).toEqual(hosts);
    expect(new Set(made.map(({ marked }) => marked))).toEqual(
      new Set(hosts.map((host) => life.nameOf(host))),
    );
    expect(targets).toHaveLength(2 * all);
    expect(peers.map(({ server_id }) => server_id).toSorted()).toEqual(made.map(({ id }) => id).toSorted());
    expect(silences).toEqual([]);
  });

  test('a pass with nothing to do writes nothing and needs few calls', async () => {
    const life = current();
    const { cloud, stack } = life;
    const before = await life.world();

    const { result: report, requests, figures } = await countCalls(cloud, () => stack.pass());

    const after = await life.world();
    const events = await stack.eventCount(report.pass);
    console.log(`nothing to do: ${figures}, ${events} history events`);
    expect(report).toMatchObject({
      outcome: 'converged',
      plan: { keep: life.hosts.length, create: 0, replace: 0, delete: 0 },
    });
    const writes = requests.filter(
      ({ method, path }) => !['GET', 'HEAD'].includes(method) && !path.includes('/auth/tokens'),
    );
    expect(writes).toEqual([]);
    // Neutron's log names nobody, and Nova refreshes what it knows of ports there all the time; by name only we ask.
    const ours = requests.filter(({ agent, path }) => agent !== null || path.includes('?name='));
    expect(ours.length).toBeLessThanOrEqual(cloud.figures.idleCallsMax);
    expect(events).toBeLessThan(200);
    expect(after.peersEtag).toBe(before.peersEtag);
    expect(after.allSilences).toEqual(before.allSilences);
  });

  test('started in four ways in the same second, one pass runs', async () => {
    const life = current();
    const { cloud, stack } = life;
    await life.loseProbe(life.hostAt(0));
    const applied = await stack.innervisor('schedule', 'apply', '--output', 'json');
    expect(JSON.parse(applied.stdout)).toMatchObject([{ region: 'lab', applied: 'created' }]);
    const again = await stack.innervisor('schedule', 'apply', '--output', 'json');
    expect(JSON.parse(again.stdout)).toMatchObject([{ region: 'lab', applied: 'unchanged' }]);
    const mark = await cloud.mark();

    const input = '{"region":"lab"}';
    const startByTemporal = [
      ...['workflow', 'start', '--task-queue', 'innervisor', '--type', 'reconcileRegion'],
      ...['--workflow-id', 'by-temporal', '--input', input],
    ];
    const starts = await Promise.all([
      stack.innervisor('reconcile', 'lab', '--detach'),
      stack.temporalCli(...startByTemporal),
      rawStart(stack.temporal.address, 'by-tctl', input),
      stack.temporalCli('schedule', 'trigger', '--schedule-id', 'region/lab'),
    ]);

    const said = starts.map(({ code, stderr }) => (code === 0 ? 'started' : stderr));
    expect(said).toEqual(Array(4).fill('started'));
    const outcomes = await stack.outcomesOfEntries(4);
    console.log(`outcomes of the four: ${outcomes.join(', ')}`);
    expect(outcomes.filter((outcome) => outcome === 'converged').length).toBeGreaterThanOrEqual(1);
    const creates = (await cloud.requestsSince(mark)).filter(
      ({ service, method, path }) => service === 'nova' && method === 'POST' && path.endsWith('/servers'),
    );
    expect(creates).toHaveLength(1);
    expect((await life.world()).probes).toHaveLength(life.hosts.length);
  });
}

function secondsSince(started: number): number {
  return Math.round((performance.now() - started) / 1000);
}
