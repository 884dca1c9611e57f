import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { AlertmanagerClient, SilenceSpec } from '../../../src/alertmanager/client.ts';
import { computeMatcher, silenceAuthor } from '../../../src/domain/silence.ts';
import { writeTargetGroups } from '../../../src/prometheus/fileSd.ts';
import { eventually } from '../../support/await.ts';
import { probeServer, serverPage } from './healthyCloud.ts';
import { creation, removal, replacement, storePlan } from './plans.ts';
import {
  createWorld,
  INPUT,
  INSTALLATION,
  REGION,
  run,
  startServers,
  type Servers,
  type World,
} from './world.ts';

const OURS = silenceAuthor(INSTALLATION, REGION);
const OTHERS = silenceAuthor('other', REGION);
const HOUR_MS = 3_600_000;

let servers: Servers;
let world: World;
let alertmanager: AlertmanagerClient;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers);
  ({ alertmanager } = world.deps);
});
afterEach(async () => {
  for (const { id } of await inForce()) await alertmanager.expireSilence(id);
  await world.close();
});

async function inForce() {
  return await alertmanager.listSilences({ states: ['active', 'pending'] });
}

/** What is silenced now, by author, label and ids. */
async function covered(): Promise<readonly string[]> {
  const lines = (await inForce()).map(
    ({ createdBy, matchers }) =>
      `${createdBy} ${matchers.map(({ name, value }) => `${name}=${value}`).join()}`,
  );
  return lines.toSorted();
}

async function silence(
  createdBy: string,
  probeIds: readonly string[],
  fields: Partial<SilenceSpec> = {},
): Promise<string> {
  return await alertmanager.createSilence({
    matchers: [computeMatcher('probe_id', probeIds)],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + HOUR_MS).toISOString(),
    createdBy,
    comment: 'of a test',
    ...fields,
  });
}

function equal(name: string, value: string): SilenceSpec['matchers'][number] {
  return { name, value, isRegex: false, isEqual: true };
}

test('opening the silences again makes no second one', async () => {
  const input = { ...INPUT, plan: await storePlan(world, removal('0000000a')), proof: null };
  const { openSilences } = world.activities();
  expect(await run(openSilences, input)).toMatchObject({ probes: 1, silenceIds: { length: 2 } });
  expect(await run(openSilences, input)).toMatchObject({ probes: 1, silenceIds: [] });
  expect(await covered()).toEqual([`${OURS} peer_id=0000000a`, `${OURS} probe_id=0000000a`]);
});

test('a silence is in force at once though the clock of the worker is ahead', async () => {
  const input = { ...INPUT, plan: await storePlan(world, removal('0000000a')), proof: null };
  const { openSilences } = world.activities({}, () => Date.now() + 600_000);

  expect(await run(openSilences, input)).toMatchObject({ silenceIds: { length: 2 } });

  expect(await alertmanager.listSilences({ states: ['pending'] })).toEqual([]);
});

test('so many probes that one matcher would be too long get several, and each is covered once', async () => {
  const ids = Array.from({ length: 201 }, (_, number) => number.toString(16).padStart(8, '0'));
  const input = { ...INPUT, plan: await storePlan(world, ...ids.map(removal)), proof: null };
  expect(await run(world.activities().openSilences, input)).toMatchObject({ silenceIds: { length: 4 } });
  expect(await run(world.activities().openSilences, input)).toMatchObject({ silenceIds: [] });
});

test("a person's silence with the same matcher is neither relied on nor touched", async () => {
  const theirs = await silence('alice', ['0000000a']);
  const input = { ...INPUT, plan: await storePlan(world, removal('0000000a')), proof: null };
  await run(world.activities().openSilences, input);
  await run(world.activities().expireSilences, INPUT);
  expect((await inForce()).map(({ id }) => id)).toEqual([theirs]);
});

test.each([
  ['covers more than probes', [computeMatcher('probe_id', ['0000000a']), equal('region', REGION)]],
  ['covers all probes but one', [{ ...computeMatcher('probe_id', ['0000000a']), isEqual: false }]],
  ['is a plain text', [equal('probe_id', '0000000a')]],
])('a silence in our name that %s is not of our form and is left alone', async (_what, matchers) => {
  const id = await silence(OURS, [], { matchers });
  const input = { ...INPUT, plan: await storePlan(world, removal('0000000a')), proof: null };
  expect(await run(world.activities().openSilences, input)).toMatchObject({ silenceIds: { length: 2 } });
  await run(world.activities().expireSilences, INPUT);
  expect((await inForce()).map((each) => each.id)).toEqual([id]);
});

test("another installation's silence over a probe does not count as ours", async () => {
  await silence(OTHERS, ['0000000a']);
  const input = { ...INPUT, plan: await storePlan(world, removal('0000000a')), proof: null };
  const opened = await run(world.activities().openSilences, input);
  expect(opened.silenceIds).toHaveLength(2);
});

test('a probe that is made again leaves its batch, and the rest of the batch and others stay silenced', async () => {
  await silence(OURS, ['0000000a', '0000000b']);
  const others = await silence(OTHERS, ['0000000a', '0000000b']);
  await run(world.activities().prepareCreation, {
    ...INPUT,
    plan: await storePlan(world, creation('0000000a')),
  });
  expect(await covered()).toEqual([`${OURS} probe_id=0000000b`, `${OTHERS} probe_id=0000000a|0000000b`]);
  expect((await inForce()).map(({ id }) => id)).toContain(others);
});

test('a narrowed silence ends when the whole batch would have ended', async () => {
  const id = await silence(OURS, ['0000000a', '0000000b']);
  const before = (await inForce()).find((each) => each.id === id);
  await run(world.activities().prepareCreation, {
    ...INPUT,
    plan: await storePlan(world, creation('0000000a')),
  });
  expect((await inForce()).map(({ endsAt }) => endsAt)).toEqual([before?.endsAt]);
});

test('a probe that exists is freed of its silence, and that of another installation stays', async () => {
  await silence(OURS, ['0000000a']);
  await silence(OTHERS, ['0000000a']);
  const server = probeServer('0000000a', { installation: INSTALLATION, region: REGION });
  world.cloud.on('GET', '/v2.1/servers/detail', serverPage([server]));
  expect(await run(world.activities().expireSilences, INPUT)).toEqual({ changed: 1, left: 0 });
  expect(await covered()).toEqual([`${OTHERS} probe_id=0000000a`]);
});

test('a region without silences of ours is not even listed', async () => {
  await silence(OTHERS, ['0000000a']);
  expect(await run(world.activities().expireSilences, INPUT)).toEqual({ changed: 0, left: 0 });
  expect(world.cloud.requests).toEqual([]);
});

test('what makes room is silenced before anything changes, and what it makes room for is not', async () => {
  const plan = await storePlan(world, replacement('0000000a', '0000000b', 'break-before-make'));
  await run(world.activities().openSilences, { ...INPUT, plan, proof: null });
  expect(await covered()).toEqual([`${OURS} peer_id=0000000a`, `${OURS} probe_id=0000000a`]);
});

/** Lets Prometheus scrape a probe, so that alerts could fire on its series. */
async function scrape(probeId: string): Promise<void> {
  const { prometheus } = world.deps;
  await writeTargetGroups(world.targetsPath, [{ targets: ['127.0.0.1:9'], labels: { probe_id: probeId } }]);
  await eventually(async () => (await prometheus.queryInstant(`up{probe_id="${probeId}"}`)).length === 1, {
    describe: 'Prometheus to have a series of the probe',
  });
}

test('a probe that made room in vain is freed of its silence at once, though Prometheus has its series', async () => {
  await silence(OURS, ['0000000d']);
  await scrape('0000000d');
  const plan = await storePlan(world, replacement('0000000d', '0000000e', 'break-before-make'));
  const { expireSilences } = world.activities();
  expect(await run(expireSilences, INPUT)).toEqual({ changed: 0, left: 1 });
  expect(await run(expireSilences, { ...INPUT, broken: plan })).toEqual({ changed: 1, left: 0 });
  expect(await covered()).toEqual([]);
});

test('a probe that made room for one that stands stays silenced while Prometheus has its series', async () => {
  await silence(OURS, ['0000000f']);
  await scrape('0000000f');
  const plan = await storePlan(world, replacement('0000000f', '0000000b', 'break-before-make'));
  const server = probeServer('0000000b', { installation: INSTALLATION, region: REGION });
  world.cloud.on('GET', '/v2.1/servers/detail', serverPage([server]));
  expect(await run(world.activities().expireSilences, { ...INPUT, broken: plan })).toEqual({
    changed: 0,
    left: 1,
  });
});
