import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { AlertmanagerClient } from '../../../src/alertmanager/client.ts';
import type { Plan, PlanEntry } from '../../../src/domain/plan.ts';
import { computeMatcher, silenceAuthor } from '../../../src/domain/silence.ts';
import { probeServer, serverPage } from './healthyCloud.ts';
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

async function silence(createdBy: string, probeIds: readonly string[]): Promise<string> {
  return await alertmanager.createSilence({
    matchers: [computeMatcher('probe_id', probeIds)],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + HOUR_MS).toISOString(),
    createdBy,
    comment: 'of a test',
  });
}

async function planWith(...entries: readonly PlanEntry[]) {
  const plan: Plan = { installation: INSTALLATION, region: REGION, revision: 'r1', entries, held: [] };
  return await world.artifact('plan', plan);
}

function removal(probeId: string): PlanEntry {
  const probe = { probeId, serverId: `server-${probeId}`, name: `probe-cmp1-${probeId}`, host: 'cmp1' };
  const reason = { code: 'excluded', text: 'is excluded' } as const;
  return { hypervisor: 'cmp1', orphan: false, reason, action: 'delete', probe };
}

function creation(probeId: string): PlanEntry {
  const create = {
    probeId,
    name: `probe-cmp1-${probeId}`,
    generation: 1,
    revision: 'r1',
    hypervisor: 'cmp1',
    serviceHost: 'cmp1',
    availabilityZone: 'nova',
  };
  const reason = { code: 'missing', text: 'has no probe' } as const;
  return { hypervisor: 'cmp1', orphan: false, reason, action: 'create', create };
}

test('opening the silences again makes no second one', async () => {
  const input = { ...INPUT, plan: await planWith(removal('0000000a')), proof: null };
  const { openSilences } = world.activities();
  expect(await run(openSilences, input)).toMatchObject({ probes: 1, silenceIds: { length: 2 } });
  expect(await run(openSilences, input)).toEqual({ probes: 1, silenceIds: [] });
  expect(await covered()).toEqual([`${OURS} peer_id=0000000a`, `${OURS} probe_id=0000000a`]);
});

test("another installation's silence over a probe does not count as ours", async () => {
  await silence(OTHERS, ['0000000a']);
  const input = { ...INPUT, plan: await planWith(removal('0000000a')), proof: null };
  const opened = await run(world.activities().openSilences, input);
  expect(opened.silenceIds).toHaveLength(2);
});

test('a probe that is made again leaves its batch, and the rest of the batch and others stay silenced', async () => {
  await silence(OURS, ['0000000a', '0000000b']);
  const others = await silence(OTHERS, ['0000000a', '0000000b']);
  await run(world.activities().prepareCreation, { ...INPUT, plan: await planWith(creation('0000000a')) });
  expect(await covered()).toEqual([`${OURS} probe_id=0000000b`, `${OTHERS} probe_id=0000000a|0000000b`]);
  expect((await inForce()).map(({ id }) => id)).toContain(others);
});

test('a narrowed silence ends when the whole batch would have ended', async () => {
  const id = await silence(OURS, ['0000000a', '0000000b']);
  const before = (await inForce()).find((each) => each.id === id);
  await run(world.activities().prepareCreation, { ...INPUT, plan: await planWith(creation('0000000a')) });
  expect((await inForce()).map(({ endsAt }) => endsAt)).toEqual([before?.endsAt]);
});

test('a probe that exists is freed of its silence, and that of another installation stays', async () => {
  await silence(OURS, ['0000000a']);
  await silence(OTHERS, ['0000000a']);
  const server = probeServer('0000000a', { installation: INSTALLATION, region: REGION });
  world.cloud.on('GET', '/v2.1/servers/detail', serverPage([server]));
  expect(await run(world.activities().expireSilences, INPUT)).toEqual({ changed: 1 });
  expect(await covered()).toEqual([`${OTHERS} probe_id=0000000a`]);
});

test('a region without silences of ours is not even listed', async () => {
  await silence(OTHERS, ['0000000a']);
  expect(await run(world.activities().expireSilences, INPUT)).toEqual({ changed: 0 });
  expect(world.cloud.requests).toEqual([]);
});
