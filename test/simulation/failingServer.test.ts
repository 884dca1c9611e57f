import { afterAll, beforeAll, expect, test } from 'vitest';
import { Life } from '../scenario/life.ts';
import { SimCloud } from './simCloud.ts';

let cloud: SimCloud;
let life: Life;

/** A region that is as planned; each test goes on where the one before ended. */
beforeAll(async () => {
  cloud = await SimCloud.open();
  life = await Life.populated(cloud);
});
afterAll(async () => life.end());

async function markedHosts(): Promise<readonly string[]> {
  return (await life.world()).probes.map(({ marked }) => marked).toSorted();
}

test('a server that Nova never marks stops nobody else', async () => {
  const [failing, other] = [life.hostAt(0), life.hostAt(1)];
  await Promise.all([cloud.disable(failing), cloud.disable(other)]);
  const { id } = await life.probeOn(failing);
  const mend = cloud.failRequests('POST', `/servers/${id}/metadata$`);

  const report = await life.stack.pass();
  mend();

  expect(report).toMatchObject({ outcome: 'degraded', verified: life.hosts.length });
  expect(report.failures).toMatchObject([
    { hypervisor: life.nameOf(failing), step: 'mark', kind: 'unavailable' },
  ]);
});

test('a server that Nova never deletes stops nobody else, and goes when it lets it go', async () => {
  const [other, failing, lost] = [life.hostAt(0), life.hostAt(1), life.hostAt(2)];
  const { id } = await life.probeOn(failing);
  const mend = cloud.failRequests('DELETE', `/servers/${id}$`);
  await life.loseProbe(lost);

  const first = await life.stack.pass();
  const second = await life.stack.pass();
  const stray = (await life.world()).stray;
  mend();
  const third = await life.stack.pass();

  const failures = [{ hypervisor: life.nameOf(failing), step: 'delete', kind: 'unavailable' }];
  expect(first).toMatchObject({ outcome: 'degraded', created: 1, deleted: 0, failures });
  expect(first.verified).toBe(life.hosts.length - 1);
  expect(second).toMatchObject({ outcome: 'degraded', deleted: 1, failures });
  expect(stray).toEqual([]);
  expect(third).toMatchObject({ outcome: 'converged', deleted: 1, failures: [] });
  const gone = [life.nameOf(other), life.nameOf(failing)];
  expect(await markedHosts()).toEqual(
    life.hosts.map((host) => life.nameOf(host)).filter((name) => !gone.includes(name)),
  );
});

test('a probe that was to make room and can’t be deleted gets no second one beside it', async () => {
  const host = life.hostAt(3);
  const old = await life.probeOn(host);
  await cloud.fillHost(host);
  await cloud.resetToError(old.id);
  const mend = cloud.failRequests('DELETE', `/servers/${old.id}$`);
  const before = await markedHosts();

  const report = await life.stack.pass();
  const after = await life.world();
  mend();
  const next = await life.stack.pass();

  const hypervisor = life.nameOf(host);
  expect(report).toMatchObject({ outcome: 'degraded', replaced: 0, deleted: 0 });
  expect(report.failures).toMatchObject([
    { hypervisor, probeId: old.probeId, step: 'delete', kind: 'unavailable' },
    { hypervisor, step: 'create', kind: 'conflict' },
  ]);
  expect(after.probes.filter(({ marked }) => marked === hypervisor)).toMatchObject([{ id: old.id }]);
  expect(after.stray).toEqual([]);
  expect(next).toMatchObject({ outcome: 'converged', replaced: 1, failures: [] });
  expect(await markedHosts()).toEqual(before);
});
