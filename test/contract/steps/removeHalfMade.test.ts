import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { renderPeers } from '../../../src/activities/published.ts';
import { json } from '../openstack/cloud.ts';
import { probeServer, serverPage, shownUntilDeleted } from './healthyCloud.ts';
import { creation, storePlan } from './plans.ts';
import {
  createWorld,
  INPUT,
  OWNER,
  PEERS_KEY,
  run,
  startServers,
  stepDeps,
  type Servers,
  type World,
} from './world.ts';

const PROBE = '0000000a';
const SERVER = `/v2.1/servers/server-${PROBE}`;

let servers: Servers;
let world: World;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers);
  const failed = { ...probeServer(PROBE, OWNER), status: 'ERROR' };
  world.cloud
    .on('GET', '/v2.1/servers/detail', serverPage([failed]), serverPage([]))
    .on('GET', SERVER, shownUntilDeleted(failed))
    .on('DELETE', SERVER, json(204, {}));
});
afterEach(() => world.close());

async function publish(probeId: string): Promise<void> {
  const peer = { probe_id: probeId, server_id: `server-${probeId}`, address: '127.0.0.1' };
  const peers = [{ ...peer, hypervisor: 'cmp1', availability_zone: 'nova' }];
  const document = { schema: 1, ...OWNER, generation: 1, peers } as const;
  await world.store.putObject(PEERS_KEY, renderPeers(stepDeps(world.deps), document), {
    contentType: 'application/json',
  });
}

async function removeHalfMade() {
  const plan = await storePlan(world, creation(PROBE));
  return await run(world.activities().removeHalfMade, { ...INPUT, plan, proof: null });
}

test('a new probe that failed is removed', async () => {
  await publish('0000000b');

  expect(await removeHalfMade()).toEqual({ removed: 1, failures: [] });
});

test('one that an interrupted pass has published stays: the next pass silences it and lets go of it first', async () => {
  await publish(PROBE);

  expect(await removeHalfMade()).toEqual({ removed: 0, failures: [] });
  expect(world.cloud.count('DELETE', SERVER)).toBe(0);
});
