import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/await.ts';
import { Life } from '../scenario/life.ts';
import { SimCloud } from './simCloud.ts';

/** Long enough for a pass to be terminated meanwhile, on a busy machine too. */
const SLOW_SECONDS = 15;

let cloud: SimCloud;
let life: Life;

/** A region with nothing in it; the second test goes on where the first one ended. */
beforeAll(async () => {
  cloud = await SimCloud.open();
  life = await Life.begin(cloud);
});
afterAll(async () => life.end());

/** Starts a pass and ends it, without a word to it, once something is so. */
async function terminateOnce(isSo: () => Promise<boolean>, describe: string): Promise<void> {
  expect(await life.stack.innervisor('reconcile', 'lab', '--detach')).toMatchObject({ code: 0 });
  await eventually(isSo, life.patience(describe));
  const terminate = ['workflow', 'terminate', '--workflow-id', 'region/lab', '--reason', 'tried'];
  expect(await life.stack.temporalCli(...terminate)).toMatchObject({ code: 0 });
}

test('what a pass has left half-made that was terminated while it created, the next ones take over or remove', async () => {
  const [slow, failing] = [life.hostAt(0), life.hostAt(1)];
  await cloud.setFault(slow, { spawn_delay: SLOW_SECONDS });
  await cloud.setFault(failing, { spawn_error: 'out of luck' });
  await terminateOnce(async () => {
    const servers = await cloud.listServers();
    return servers.some(({ host }) => host === slow) && servers.some(({ status }) => status === 'ERROR');
  }, 'the slow probe to be built and the other one to fail');
  await cloud.clearFault(slow);
  await cloud.clearFault(failing);

  await eventually(async () => (await life.stack.pass()).verified === life.hosts.length, {
    ...life.patience('the next passes to go on from there'),
    timeoutMs: 90_000,
  });

  const { probes, stray } = await life.world();
  expect(probes.map(({ host }) => host).toSorted()).toEqual(life.hosts);
  expect((await cloud.listServers()).filter(({ status }) => status === 'ERROR')).toEqual([]);
  expect(stray).toEqual([]);
});

test('silences of a pass that was terminated while it deleted go on until a next one ends them', async () => {
  const host = life.hostAt(2);
  const { id } = await life.probeOn(host);
  await cloud.disable(host);
  await eventually(async () => (await life.stack.pass()).plan.marks === 1, {
    ...life.patience('the drained hypervisor to be remembered'),
  });
  await cloud.setFault(host, { destroy_delay: SLOW_SECONDS });

  await terminateOnce(
    async () => (await cloud.getServer(id))?.taskState === 'deleting',
    'the probe of the drained hypervisor to be deleted',
  );

  expect((await life.world()).silences).not.toEqual([]);
  await cloud.clearFault(host);
  await eventually(
    async () => {
      await life.stack.pass();
      const { silences } = await life.world();
      return silences.length === 0;
    },
    { ...life.patience('a next pass to end the silences'), timeoutMs: 90_000 },
  );
  expect(await cloud.getServer(id)).toBeUndefined();
});
