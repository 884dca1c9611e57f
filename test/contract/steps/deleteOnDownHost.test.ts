import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { Plan } from '../../../src/domain/plan.ts';
import { json } from '../openstack/cloud.ts';
import { probeServer, serverPage, shownUntilDeleted } from './healthyCloud.ts';
import { creation, removal, storePlan } from './plans.ts';
import { createWorld, INPUT, OWNER, run, startServers, type Servers, type World } from './world.ts';

const PROBE = '0000000a';
const SERVER = `/v2.1/servers/server-${PROBE}`;
const refusal = {
  probeId: PROBE,
  step: 'delete',
  kind: 'deleteRefused',
  message: expect.stringContaining('cmp1 is down, its guest may live on'),
};

let servers: Servers;
let world: World;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers);
  world.cloud.on('DELETE', SERVER, json(204, {}));
});
afterEach(() => world.close());

/** Nova's word for the host of the probe since the plan was made. */
function showHost(status: string, changes: object = {}): void {
  const server = { ...probeServer(PROBE, OWNER), host_status: status, ...changes };
  world.cloud
    .on('GET', SERVER, shownUntilDeleted(server))
    .on('GET', '/v2.1/servers/detail', serverPage([server]), serverPage([]));
}

async function deleteProbe(changes: Partial<Plan> = {}) {
  const entries = [removal(PROBE)];
  const plan = await world.artifact('plan', { ...OWNER, revision: 'r1', entries, held: [], ...changes });
  const input = { ...INPUT, plan, proof: null };
  await run(world.activities().openSilences, input);
  return await run(world.activities().deleteProbes, input);
}

test.each(['DOWN', 'UNKNOWN'])('a probe whose host is %s since the plan stays', async (status) => {
  showHost(status);

  expect(await deleteProbe()).toMatchObject({ deleted: 0, failures: [refusal] });
  expect(world.cloud.count('DELETE', SERVER)).toBe(0);
});

test.each(['UP', ''])('a probe whose host is %j goes', async (status) => {
  showHost(status);

  expect(await deleteProbe()).toMatchObject({ deleted: 1, failures: [] });
});

test.each([
  ['up', { deleted: 1, failures: [] }],
  ['down', { deleted: 0, failures: [refusal] }],
])('a probe whose host is disabled goes or stays by its service, which is %s', async (state, outcome) => {
  showHost('MAINTENANCE');
  const service = { id: 's1', host: 'cmp1', zone: 'nova', state, status: 'disabled', forced_down: false };
  world.cloud.on('GET', '/v2.1/os-services', json(200, { services: [service] }));

  expect(await deleteProbe()).toMatchObject(outcome);
  const asked = world.cloud.requests.findLast(({ path }) => path === '/v2.1/os-services');
  expect(new URLSearchParams(asked?.query).get('host')).toBe('cmp1');
});

test('a probe on a disabled host of which Nova shows no service stays', async () => {
  showHost('MAINTENANCE');
  world.cloud.on('GET', '/v2.1/os-services', json(200, { services: [] }));

  expect(await deleteProbe()).toMatchObject({ deleted: 0, failures: [refusal] });
});

test('a probe goes though its host is down where somebody has said so', async () => {
  showHost('UNKNOWN');

  expect(await deleteProbe({ forceDown: true })).toMatchObject({ deleted: 1, failures: [] });
});

test('a new probe that is half-made on a host that has died stays, since its guest may come up', async () => {
  showHost('UNKNOWN', { status: 'BUILD' });
  const plan = await storePlan(world, creation(PROBE));

  const removed = await run(world.activities().removeHalfMade, { ...INPUT, plan, proof: null });

  expect(removed).toMatchObject({ removed: 0, failures: [refusal] });
});

test('one that never got onto a host goes', async () => {
  showHost('', { status: 'ERROR', 'OS-EXT-SRV-ATTR:host': null });
  const plan = await storePlan(world, creation(PROBE));

  const removed = await run(world.activities().removeHalfMade, { ...INPUT, plan, proof: null });

  expect(removed).toEqual({ removed: 1, failures: [] });
});
