import { expect, test } from 'vitest';
import { startStack } from '../openstack/support/stack.ts';
import { eventually } from '../support/await.ts';
import type { Life } from './life.ts';
import { observeWorld } from './world.ts';

/** What goes wrong, and what is left afterwards. */
export function playFailures(current: () => Life): void {
  test('an exhausted quota is told and leaves nothing behind', async () => {
    const life = current();
    const { cloud, stack } = life;
    const left = life.hosts.length - 1;
    await life.loseProbe(life.hostAt(0));
    await cloud.setInstanceQuota('probes', left);

    const report = await stack.pass();

    await cloud.setInstanceQuota('probes', -1);
    expect(report).toMatchObject({
      outcome: 'degraded',
      created: 0,
      failures: [{ step: 'create', kind: 'quotaExceeded' }],
    });
    const after = await life.world();
    expect(after.probes).toHaveLength(left);
    expect(after.stray).toEqual([]);
    expect(await stack.pass()).toMatchObject({ outcome: 'converged', created: 1 });
  });

  test('a hypervisor without room is told, is no failure, and gets its probe when it has room', async () => {
    const life = current();
    const { cloud, stack, hosts } = life;
    const host = life.hostAt(0);
    await life.loseProbe(host);
    await cloud.fillHost(host);

    const { stdout, code } = await stack.innervisor('reconcile', 'lab', '--output', 'json');

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'converged',
      created: 0,
      failures: [],
      findings: [{ hypervisor: life.nameOf(host), kind: 'unplaceable' }],
    });
    expect((await life.world()).probes).toHaveLength(hosts.length - 1);
    await cloud.emptyHost(host);
    expect(await stack.pass()).toMatchObject({ outcome: 'converged', created: 1, findings: [] });
  });

  test('a probe that made room in vain is told, and its silence ends at once', async () => {
    const life = current();
    const { cloud, stack, hosts } = life;
    const host = life.hostAt(1);
    const old = await life.probeOn(host);
    await cloud.fillHost(host);
    await cloud.resetToError(old.id);
    await cloud.setFault(host, { spawn_error: 'out of luck' });

    const report = await stack.pass();

    await cloud.emptyHost(host);
    await cloud.clearFault(host);
    expect(report).toMatchObject({ outcome: 'degraded', replaced: 0, deleted: 1 });
    expect(report.failures).toMatchObject([{ hypervisor: life.nameOf(host), step: 'build' }]);
    const after = await life.world();
    expect(after.probes.map((probe) => probe.host).toSorted()).toEqual(hosts.filter((item) => item !== host));
    const silenced = after.silences.flatMap(({ matchers }) => matchers.map(({ value }) => value));
    expect(silenced.join()).not.toContain(old.probeId);
    expect(await stack.pass()).toMatchObject({ outcome: 'converged', created: 1 });
  });

  test('a spawn that fails stops nobody else and leaves nothing half-made', async () => {
    const life = current();
    const { cloud, stack, hosts } = life;
    const host = life.hostAt(2);
    await life.loseProbe(host);
    await life.loseProbe(life.hostAt(3));
    await cloud.setFault(host, { spawn_error: 'out of luck' });

    const report = await stack.pass();

    expect(report).toMatchObject({ outcome: 'degraded', created: 1 });
    expect(report.failures).toMatchObject([{ hypervisor: life.nameOf(host), step: 'build' }]);
    const after = await life.world();
    expect(after.probes.map((probe) => probe.host).toSorted()).toEqual(hosts.filter((item) => item !== host));
    expect(after.stray).toEqual([]);
    await cloud.clearFault(host);
    expect(await stack.pass()).toMatchObject({ outcome: 'converged', created: 1 });
  });

  test('a compute that dies loses nothing and blocks nothing', async () => {
    const life = current();
    const { cloud, stack, hosts } = life;
    const host = life.hostAt(-1);
    await cloud.killCompute(host);
    await eventually(
      async () => (await cloud.listHypervisors()).find((item) => item.host === host)?.state === 'down',
      life.patience(`${host} to be down`),
    );
    const before = await life.world();

    const report = await stack.pass();

    expect(report).toMatchObject({ deferred: 1, deleted: 0, created: 0 });
    const after = await life.world();
    expect(after.probes.map(({ id }) => id).toSorted()).toEqual(before.probes.map(({ id }) => id).toSorted());
    expect(after.targets).toHaveLength(2 * hosts.length);
    await cloud.reviveCompute(host);
  });

  test('servers of others that look like probes survive a pass that makes one, and are named nowhere', async () => {
    const life = current();
    const { cloud, stack } = life;
    const host = life.hostAt(0);
    const { name, marked } = await life.probeOn(host);
    const namesake = await cloud.createServer({ name, host });
    const neighbour = await cloud.createServer({
      name: `probe-${host}-0badcafe`,
      host,
      tags: ['innervisor', 'innervisor-other', 'innervisor-region-lab', 'innervisor-probe-0badcafe'],
      metadata: {
        innervisor_installation: 'other',
        innervisor_region: 'lab',
        innervisor_hypervisor: marked,
        innervisor_probe: '0badcafe',
        innervisor_revision: '0123456789ab',
        innervisor_generation: '1',
      },
    });
    const foreign = [namesake.id, neighbour.id];
    await eventually(
      async () =>
        (await Promise.all(foreign.map((id) => cloud.getServer(id)))).every(
          (one) => one?.status === 'ACTIVE',
        ),
      life.patience('the servers of others to be active'),
    );
    await life.loseProbe(host);

    const report = await stack.pass();

    expect(report).toMatchObject({ outcome: 'converged', created: 1, deleted: 0, replaced: 0 });
    const { targets, peers, allSilences } = await life.world();
    const said = JSON.stringify({ report, targets, peers, allSilences });
    const seen = await Promise.all(foreign.map((id) => cloud.getServer(id)));
    expect(seen.map((server) => server?.status)).toEqual(['ACTIVE', 'ACTIVE']);
    const addresses = seen.flatMap((server) => server?.addresses ?? []);
    for (const trace of [...foreign, '0badcafe', ...addresses.map((address) => `"${address}`)])
      expect(said).not.toContain(trace);
    for (const id of foreign) await cloud.deleteServer(id);
    await eventually(
      async () =>
        (await Promise.all(foreign.map((id) => cloud.getServer(id)))).every((one) => one === undefined),
      life.patience('the servers of others to be gone'),
    );
  });

  test('a network that is gone is told by the key that names it, before anything is changed', async () => {
    const life = current();
    const { cloud } = life;
    const before = await cloud.listServers();
    const { id: networkId } = await cloud.createNetwork('deleted-net');
    const elsewhere = await startStack({ cloudsYaml: cloud.cloudsYaml, network: 'deleted-net' });
    try {
      expect(await elsewhere.innervisor('plan', 'lab')).toMatchObject({ code: 2 });
      await cloud.deleteNetwork(networkId);
      const mark = await cloud.mark();

      const { code, stdout, stderr } = await elsewhere.innervisor('reconcile', 'lab', '--output', 'json');

      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toContain('no network "deleted-net" in this cloud; correct regions.lab.probe.networks');
      const writes = (await cloud.requestsSince(mark)).filter(
        ({ service, method, agent }) => service === 'nova' && agent !== null && method !== 'GET',
      );
      expect(writes).toEqual([]);
      expect((await cloud.listServers()).map(({ id }) => id)).toEqual(before.map(({ id }) => id));
      const { targets, peers, allSilences } = await observeWorld(cloud, elsewhere);
      expect({ targets, peers, allSilences }).toEqual({ targets: [], peers: [], allSilences: [] });
    } finally {
      await elsewhere.stop();
    }
  });

  test('credentials without the rights get a clear error and leave nothing behind', async () => {
    const { cloud } = current();
    const viewer = await startStack({ cloudsYaml: cloud.cloudsYaml, cloud: 'viewer' });
    try {
      const { code, stderr } = await viewer.innervisor('reconcile', 'lab');

      expect(code).toBe(1);
      expect(stderr).toMatch(/403 .*Policy doesn't allow os_compute_api:[\w:-]+ to be performed/);
      expect((await observeWorld(cloud, viewer)).peers).toEqual([]);
    } finally {
      await viewer.stop();
    }
  });
}
