import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PassReport } from '../../src/domain/pass.ts';
import { Life } from '../scenario/life.ts';
import type { SeenServer } from '../scenario/shapes.ts';
import { eventually } from '../support/await.ts';
import { SimCloud } from './simCloud.ts';

let cloud: SimCloud;
let life: Life;

/** A region that is as planned, whose probes may be silent, built and deleted for a short time only. */
beforeAll(async () => {
  cloud = await SimCloud.open();
  life = await Life.populated(cloud, { seconds: { verify: 20, silent: 10, building: 15, deleting: 15 } });
});
afterAll(async () => life.end());

/** What a pass is about to do, in the words of its plan. */
function changesOf({ changes }: PassReport): readonly string[] {
  return changes.map(({ action, reason }) => `${action} ${reason}`).toSorted();
}

async function until(id: string, is: (server: SeenServer) => boolean, describe: string): Promise<void> {
  await eventually(async () => {
    const server = await cloud.getServer(id);
    return server !== undefined && is(server);
  }, life.patience(describe));
}

/** The first pass whose plan does something, after those that wait; gives what each of these said. */
async function passThatActs(): Promise<{ readonly report: PassReport; readonly waits: readonly string[] }> {
  const waits: string[] = [];
  const report = await eventually(
    async () => {
      const seen = await life.stack.pass();
      if (seen.plan.replace + seen.plan.create > 0) return seen;
      waits.push(...changesOf(seen));
      return undefined;
    },
    { ...life.patience('a pass that does something'), timeoutMs: 90_000 },
  );
  return { report, waits };
}

/** One probe on each hypervisor, and all of them watched. */
async function expectRight(gone: readonly string[]): Promise<void> {
  const world = await life.world();
  expect(world.probes.map(({ host }) => host).toSorted()).toEqual(life.hosts);
  expect(world.probes.filter(({ id }) => gone.includes(id))).toEqual([]);
  expect(world.targets).toHaveLength(2 * life.hosts.length);
  expect(world.peers).toHaveLength(life.hosts.length);
  expect(world.stray).toEqual([]);
}

test('probes that are paused and suspended are replaced by the next pass', async () => {
  const [paused, suspended] = [await life.probeOn(life.hostAt(0)), await life.probeOn(life.hostAt(1))];
  await cloud.pauseServer(paused.id);
  await cloud.suspendServer(suspended.id);
  await until(paused.id, ({ status }) => status === 'PAUSED', 'the probe to be paused');
  await until(suspended.id, ({ status }) => status === 'SUSPENDED', 'the probe to be suspended');

  const report = await life.stack.pass();

  expect(changesOf(report)).toEqual(['replace not running (PAUSED)', 'replace not running (SUSPENDED)']);
  expect(report).toMatchObject({ outcome: 'converged', replaced: 2 });
  await expectRight([paused.id, suspended.id]);
});

test('a probe on its way waits, and stays when it has come back', async () => {
  const { id } = await life.probeOn(life.hostAt(0));
  await cloud.setFault(life.hostAt(0), { migrate_delay: 10 });
  await cloud.coldMigrate(id);
  await until(id, ({ status }) => status === 'RESIZE', 'the probe to be moved');

  const moving = await life.stack.pass();
  await until(id, ({ status }) => status === 'VERIFY_RESIZE', 'the probe to have arrived');
  await cloud.clearFault(life.hostAt(0));
  const arrived = await life.stack.pass();
  await cloud.revertMigration(id);
  await until(id, ({ status }) => status === 'ACTIVE', 'the probe to be back');
  const back = await life.stack.pass();

  const waits = ['defer Nova is moving, resizing or rebuilding it'];
  expect([changesOf(moving), changesOf(arrived), changesOf(back)]).toEqual([waits, waits, []]);
  expect(back).toMatchObject({ outcome: 'converged', replaced: 0 });
  await expectRight([]);
});

test('a probe that stays on another hypervisor is replaced once that is confirmed', async () => {
  const { id } = await life.probeOn(life.hostAt(2));
  await cloud.coldMigrate(id);
  await until(id, ({ status }) => status === 'VERIFY_RESIZE', 'the probe to have arrived');
  await cloud.confirmMigration(id);
  await until(id, ({ status }) => status === 'ACTIVE', 'the probe to stay there');
  const { host } = (await cloud.getServer(id)) ?? {};

  const report = await life.stack.pass();

  expect(changesOf(report)).toEqual([`replace runs on ${host ?? ''}, not on its own hypervisor`]);
  expect(report).toMatchObject({ outcome: 'converged', replaced: 1 });
  await expectRight([id]);
});

test('a probe whose port was deleted is replaced once it is silent', async () => {
  const { id } = await life.probeOn(life.hostAt(3));
  const [address = ''] = (await cloud.getServer(id))?.addresses ?? [];
  await cloud.deletePorts(id);

  const { report, waits } = await passThatActs();

  const lost = 'active without an address';
  expect(waits[0]).toBe(`defer ${lost}; stays published at ${address} until its exporters are silent`);
  expect(changesOf(report)).toEqual([`replace ${lost}, and its exporters don’t answer at ${address}`]);
  expect(report).toMatchObject({ outcome: 'converged', replaced: 1 });
  await expectRight([id]);
});

test('a probe that its host never began to build is replaced when its time is over', async () => {
  const host = life.hostAt(4);
  const { name, metadata, tags } = (await cloud.getServer((await life.probeOn(host)).id)) as SeenServer;
  await life.loseProbe(host);
  // As a pass leaves it that was cut after its request: the host dies before it has taken the message.
  await cloud.killCompute(host);
  const { id } = await cloud.createServer({ name, host, metadata, tags });
  await eventually(
    async () => (await cloud.listHypervisors()).find((one) => one.host === host)?.state === 'down',
    life.patience(`${host} to be down`),
  );
  await cloud.reviveCompute(host);

  const { report, waits } = await passThatActs();

  expect(waits[0]).toBe('defer Nova is building it');
  expect(changesOf(report)).toEqual([
    expect.stringMatching(/^replace stuck in BUILD for \d+ s \(limit 15 s\)$/),
  ]);
  expect(report).toMatchObject({ outcome: 'converged', replaced: 1 });
  await expectRight([id]);
});

test('a probe whose deletion doesn’t end gets a successor, and goes when its host can end it', async () => {
  const host = life.hostAt(5);
  const { id } = await life.probeOn(host);
  await cloud.setFault(host, { destroy_delay: 3_600 });
  await cloud.deleteServer(id);

  const { report, waits } = await passThatActs();
  const during = await life.world();
  await cloud.clearFault(host);
  // An operator starts the compute service again, which takes up what it had left undone.
  await cloud.killCompute(host);
  await cloud.reviveCompute(host);
  await eventually(
    async () => (await cloud.getServer(id)) === undefined,
    life.patience('the old probe to be gone'),
  );
  const after = await life.stack.pass();

  expect(waits[0]).toBe('defer Nova is deleting it');
  expect(changesOf(report)).toEqual([
    expect.stringMatching(/^replace stuck in deleting for \d+ s \(limit 15 s\)$/),
  ]);
  expect(report).toMatchObject({ outcome: 'degraded', failures: [{ step: 'delete' }] });
  expect(during.targets).toHaveLength(2 * life.hosts.length);
  expect(after).toMatchObject({ outcome: 'converged', replaced: 0, created: 0 });
  await expectRight([id]);
});
