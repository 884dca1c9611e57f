import { afterAll, beforeAll, expect, test } from 'vitest';
import { Life } from '../scenario/life.ts';
import { eventually } from '../support/await.ts';
import { SimCloud } from './simCloud.ts';

let cloud: SimCloud;
let life: Life;

/** A region that is as planned, whose probes have little time to answer. */
beforeAll(async () => {
  cloud = await SimCloud.open();
  life = await Life.begin(cloud, { seconds: { verify: 20, silent: 10 } });
  expect(await life.stack.pass()).toMatchObject({ outcome: 'converged', created: life.hosts.length });
});
afterAll(async () => life.end());

/** The first pass that sees the silent probe to have been silent, and old enough, for long enough. */
async function passThatReboots() {
  return await eventually(async () => {
    const report = await life.stack.pass();
    return report.plan.reboot === 1 ? report : undefined;
  }, life.patience('a pass that reboots the silent probe'));
}

/** What was asked of Nova to change since the mark. */
async function writesSince(mark: Awaited<ReturnType<SimCloud['mark']>>): Promise<readonly string[]> {
  return (await cloud.requestsSince(mark))
    .filter(({ service, method }) => service === 'nova' && method !== 'GET')
    .map(({ method, path }) => `${method} ${path.split('/').slice(-2).join('/')}`);
}

test('a probe that is active but silent is rebooted, and answers again', async () => {
  const probe = await life.probeOn(life.hostAt(0));
  cloud.muteGuest(probe.id);

  const report = await passThatReboots();

  const reason = 'its exporters don’t answer, though it is active';
  expect(report.changes).toMatchObject([{ action: 'reboot', reason }]);
  const verified = life.hosts.length;
  expect(report).toMatchObject({ outcome: 'converged', rebooted: 1, replaced: 0, verified });
  expect(await life.probeOn(life.hostAt(0))).toEqual(probe);
});

test('a probe that is silent also after its reboot is replaced by the next pass', async () => {
  const probe = await life.probeOn(life.hostAt(1));
  cloud.muteGuest(probe.id, true);
  const first = await passThatReboots();
  const mark = await cloud.mark();

  const second = await life.stack.pass();

  expect(first).toMatchObject({ outcome: 'degraded', rebooted: 1, replaced: 0 });
  expect(first.failedChecks.map((check) => check.console).find((text) => text !== undefined)).toBe(
    'FAKE CONSOLE OUTPUT\nANOTHER\nLAST LINE',
  );
  expect(second.changes).toMatchObject([
    { action: 'replace', reason: expect.stringContaining('though it was rebooted at') },
  ]);
  expect(second).toMatchObject({ outcome: 'converged', rebooted: 0, replaced: 1 });
  expect(await writesSince(mark)).toEqual(['POST v2.1/servers', `DELETE servers/${probe.id}`]);
  expect((await life.world()).probes.map(({ host }) => host).toSorted()).toEqual(life.hosts);
});

test('nothing is rebooted when most probes are silent, and a pass goes on to say so', async () => {
  const { probes } = await life.world();
  for (const { id } of probes) cloud.muteGuest(id);
  const mark = await cloud.mark();

  const seen: string[] = [];
  await eventually(
    async () => {
      const { plan, changes, outcome } = await life.stack.pass();
      seen.push(`${outcome}: ${changes.map(({ action, reason }) => `${action} ${reason}`).join('; ')}`);
      return plan.defer === probes.length;
    },
    { ...life.patience('a pass that finds all probes silent'), timeoutMs: 90_000 },
  ).catch((error: unknown) => {
    throw new Error(seen.join('\n'), { cause: error });
  });

  expect(seen.at(-1)).toMatch(/^degraded: defer .*nor do those of most probes/);
  expect(await writesSince(mark)).toEqual([]);
  for (const { id } of probes) cloud.unmuteGuest(id);
});
