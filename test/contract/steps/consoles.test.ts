import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { hang, json, type Answer } from '../openstack/cloud.ts';
import { probeServer, serverPage } from './healthyCloud.ts';
import { creation, storePlan } from './plans.ts';
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

const PROBES = ['0000000a', '0000000b', '0000000c'];
const CONSOLES_MAX = 10;
const printed = (output: string): Answer => json(200, { output });

let servers: Servers;
let world: World;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers);
});
afterEach(() => world.close());

/** Waits for probes that are still being built when their time is over. */
async function awaitInVain(changes: object = {}, probeIds: readonly string[] = PROBES) {
  const servers = probeIds.map((probeId) => ({
    ...probeServer(probeId, { installation: INSTALLATION, region: REGION }),
    status: 'BUILD',
    ...changes,
  }));
  world.cloud.on('GET', '/v2.1/servers/detail', serverPage(servers));
  const plan = await storePlan(world, ...probeIds.map(creation));
  const { failures } = await run(world.activities().awaitProbes, { ...INPUT, plan, refused: [], sinceMs: 0 });
  return failures.map((failed) => failed.console);
}

function onConsole(probeId: string, answer: Answer): void {
  world.cloud.on('POST', `/v2.1/servers/server-${probeId}/action`, answer);
}

test('what the first ten that did not come up printed last goes with their failures', async () => {
  const probeIds = Array.from({ length: CONSOLES_MAX + 1 }, (_, index) => `000000${index + 10}`);
  for (const probeId of probeIds)
    onConsole(probeId, printed(`\u001B[31mno root device\u001B[0m ${probeId}\n`));

  const consoles = await awaitInVain({}, probeIds);

  const told = probeIds.slice(0, CONSOLES_MAX).map((probeId) => `no root device ${probeId}`);
  expect(consoles).toEqual([...told, undefined]);
  const asked = world.cloud.requests.filter(({ path }) => path.endsWith('/action'));
  const question = { 'os-getConsoleOutput': { length: 60 } };
  expect(asked.map(({ body }) => body)).toEqual(Array(CONSOLES_MAX).fill(question));
});

test('a console that can’t be read changes nothing about the failure', async () => {
  onConsole('0000000a', json(409, { conflictingRequest: { code: 409, message: 'is not ready' } }));
  onConsole('0000000b', hang);

  expect(await awaitInVain()).toEqual([undefined, undefined, undefined]);
});

test('a server that was never on a host isn’t asked for its console', async () => {
  expect(await awaitInVain({ 'OS-EXT-SRV-ATTR:host': null })).toEqual([undefined, undefined, undefined]);
  expect(world.cloud.requests.some(({ path }) => path.endsWith('/action'))).toBe(false);
});
