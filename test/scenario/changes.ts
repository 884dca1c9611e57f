import { expect, test } from 'vitest';
import { eventually } from '../support/await.ts';
import { expectHandover } from './handover.ts';
import type { Life } from './life.ts';
import { expectLetGoBefore, watchWhile } from './watch.ts';

/** What operators and the cloud do to a region that is as planned. */
export function playChanges(current: () => Life): void {
  test('drift is seen with its reason and repaired: in ERROR, and live-migrated', async () => {
    const life = current();
    const { cloud, hosts } = life;
    const target = life.hostAt(-1);
    const [broken, moved] = [await life.probeOn(life.hostAt(0)), await life.probeOn(life.hostAt(1))];
    await cloud.resetToError(broken.id);
    await cloud.liveMigrate(moved.id, target);
    await eventually(
      async () => (await cloud.getServer(moved.id))?.host === target,
      life.patience('the migration to end'),
    );

    const report = await life.stack.pass();

    expect(report.changes.map(({ action, reason }) => `${action}: ${reason}`).toSorted()).toEqual([
      'replace: in ERROR',
      `replace: runs on ${target}, not on its own hypervisor`,
    ]);
    expect(report).toMatchObject({ outcome: 'converged', replaced: 2 });
    const after = await life.world();
    expect(after.probes.map(({ host }) => host).toSorted()).toEqual(hosts);
    expect(after.probes.map(({ id }) => id)).not.toContain(broken.id);
    expect(after.targets).toHaveLength(2 * hosts.length);
  });

  test('an outdated probe hands over to its successor without a scrape interval in which neither answers', async () => {
    const life = current();
    const { cloud, stack } = life;
    const host = life.hostAt(2);
    const old = await life.probeOn(host);
    await cloud.setMetadata(old.id, { innervisor_revision: 'of-another-time' });
    const sinceMs = Date.now();

    const report = await stack.pass();

    expect(report).toMatchObject({ outcome: 'converged', replaced: 1, failures: [] });
    const successor = await life.probeOn(host);
    expect(successor.id).not.toBe(old.id);
    const handover = { hypervisor: life.nameOf(host), old: old.probeId, successor: successor.probeId };
    await expectHandover(stack, handover, sinceMs);
  });

  test('a drained hypervisor loses its probe in the second pass, silenced and unpublished before', async () => {
    const life = current();
    const { cloud, stack, hosts } = life;
    const host = life.hostAt(0);
    const foreign = await cloud.createServer({ name: `probe-${host}-0badcafe`, host: life.hostAt(1) });
    const doomed = await life.probeOn(host);
    await cloud.disable(host);
    // Nova counts a hypervisor's servers anew only from time to time.
    const first = await eventually(async () => {
      const report = await stack.pass();
      return report.plan.marks === 1 ? report : undefined;
    }, life.patience('Nova to count the drained hypervisor as empty'));
    expect(first).toMatchObject({ outcome: 'converged', deleted: 0 });
    const mark = await cloud.mark();

    const { result: second, sightings } = await watchWhile(stack, () => stack.pass());

    expect(second).toMatchObject({ outcome: 'converged', deleted: 1 });
    const after = await life.world();
    expect(after.probes.map(({ id }) => id)).not.toContain(doomed.id);
    expect(after.targets).toHaveLength(2 * (hosts.length - 1));
    const deletes = (await cloud.requestsSince(mark)).filter(
      ({ service, method }) => service === 'nova' && method === 'DELETE',
    );
    expect(deletes).toHaveLength(1);
    await expectLetGoBefore(deletes[0]?.timeMs ?? 0, { life, probe: doomed, sightings });
    expect((await cloud.getServer(foreign.id))?.status).toBe('ACTIVE');

    await cloud.enable(host);
    await cloud.deleteServer(foreign.id);
    expect(await stack.pass()).toMatchObject({ outcome: 'converged', created: 1 });
    expect((await life.world()).stray).toEqual([]);
  });

  test('where no second probe fits the old one makes room: silenced, unpublished, deleted, made anew', async () => {
    const life = current();
    const { cloud, stack, hosts } = life;
    const host = life.hostAt(1);
    const old = await life.probeOn(host);
    await cloud.fillHost(host);
    await cloud.resetToError(old.id);
    const mark = await cloud.mark();

    const { result: report, sightings } = await watchWhile(stack, () => stack.pass());

    await cloud.emptyHost(host);
    expect(report).toMatchObject({ outcome: 'converged', replaced: 1, deleted: 0, failures: [] });
    const after = await life.world();
    expect(after.probes.map((probe) => probe.host).toSorted()).toEqual(hosts);
    expect(after.probes.map(({ id }) => id)).not.toContain(old.id);
    expect(after.targets).toHaveLength(2 * hosts.length);
    expect(after.peers).toHaveLength(hosts.length);
    expect(after.stray).toEqual([]);
    const writes = (await cloud.requestsSince(mark)).filter(
      ({ service, method, path }) => service === 'nova' && isServerWrite(method, path),
    );
    // Tried beside the old one, that attempt removed, then the old one, then anew in its place.
    expect(writes.map(({ method }) => method)).toEqual(['POST', 'DELETE', 'DELETE', 'POST']);
    const deleted = writes.find(({ method, path }) => method === 'DELETE' && path.endsWith(old.id));
    expect(deleted).toBe(writes[2]);
    await expectLetGoBefore(deleted?.timeMs ?? 0, { life, probe: old, sightings });
  });

  test('a hypervisor that is added gets a probe', async () => {
    const life = current();
    await life.cloud.addHypervisors(1);
    await life.lookAtHosts();

    const report = await life.stack.pass();

    expect(report).toMatchObject({ outcome: 'converged', created: 1, verified: life.hosts.length });
    expect((await life.world()).targets).toHaveLength(2 * life.hosts.length);
  });
}

/** Whether a request makes or removes a server. */
function isServerWrite(method: string, path: string): boolean {
  return (method === 'POST' && path.endsWith('/servers')) || method === 'DELETE';
}
