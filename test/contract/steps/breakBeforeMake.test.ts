import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { CreateInput } from '../../../src/activities/createProbes.ts';
import type { Plan } from '../../../src/domain/plan.ts';
import { json } from '../openstack/cloud.ts';
import { probeServer, serverPage } from './healthyCloud.ts';
import { creation, replacement, storePlan } from './plans.ts';
import {
  createWorld,
  failureOf,
  INPUT,
  INSTALLATION,
  REGION,
  run,
  startServers,
  type Servers,
  type World,
} from './world.ts';

const OLD = '0000000a';
const NEW = '0000000b';
const spec = { imageId: 'image-1', flavorId: 'flavor-1', networkIds: ['network-1'], revision: 'r1' };

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

async function creationInput(): Promise<CreateInput> {
  const plan = await storePlan(world, creation('0000000c'), replacement(OLD, NEW, 'break-before-make'));
  return { ...INPUT, plan, order: 'break-before-make', spec, from: 0, to: 1 };
}

test('a new probe is not made while the one that makes room for it is still there', async () => {
  const owner = { installation: INSTALLATION, region: REGION };
  world.cloud.on('GET', '/v2.1/servers/detail', serverPage([probeServer(OLD, owner)]));

  const { failures } = await run(world.activities().createProbes, await creationInput());

  expect(failures).toMatchObject([{ probeId: NEW, step: 'create', kind: 'conflict' }]);
  expect(world.cloud.count('POST', '/v2.1/servers')).toBe(0);
});

test.each([
  ['still has it', json(200, { server: probeServer(OLD, { installation: INSTALLATION, region: REGION }) })],
  ['fails at it', json(500, {})],
])('nor while lists leave that one out and Nova, asked for it, %s', async (_what, answer) => {
  world.cloud.on('GET', `/v2.1/servers/server-${OLD}`, answer);

  const { failures } = await run(world.activities().createProbes, await creationInput());

  expect(failures).toMatchObject([{ probeId: NEW, step: 'create', kind: 'conflict' }]);
  expect(world.cloud.count('POST', '/v2.1/servers')).toBe(0);
});

test('only those that others make room for are made in their turn', async () => {
  world.cloud
    .on('GET', `/v2.1/servers/server-${OLD}`, json(404, { itemNotFound: { message: 'not found' } }))
    .on('POST', '/v2.1/servers', json(202, { server: { id: 'new' } }));

  const made = await run(world.activities().createProbes, await creationInput());

  expect(made).toMatchObject({ names: [`probe-cmp1-${NEW}`], failures: [] });
  expect(world.cloud.count('POST', '/v2.1/servers')).toBe(1);
});

test('want of room is told from other failures by the fault that only the server itself shows', async () => {
  const owner = { installation: INSTALLATION, region: REGION };
  const listed = { ...probeServer(NEW, owner), status: 'ERROR', 'OS-EXT-SRV-ATTR:host': null };
  const shown = { ...listed, fault: { code: 500, message: 'No valid host was found. ' } };
  world.cloud
    .on('GET', '/v2.1/servers/detail', serverPage([listed]))
    .on('GET', `/v2.1/servers/server-${NEW}`, json(200, { server: listed }), json(200, { server: shown }));
  const { plan } = await creationInput();
  const input = { ...INPUT, plan, order: 'break-before-make', refused: [], sinceMs: Date.now() } as const;

  const { failures } = await run(world.activities().awaitProbes, input);

  expect(failures).toMatchObject([
    { probeId: NEW, kind: 'noCapacity', message: 'No valid host was found. ' },
  ]);
});

test('a fault that Nova can’t show changes nothing about the failure', async () => {
  const owner = { installation: INSTALLATION, region: REGION };
  const listed = { ...probeServer(NEW, owner), status: 'ERROR', 'OS-EXT-SRV-ATTR:host': null };
  world.cloud
    .on('GET', '/v2.1/servers/detail', serverPage([listed]))
    .on('GET', `/v2.1/servers/server-${NEW}`, json(500, {}));
  const { plan } = await creationInput();
  const input = { ...INPUT, plan, order: 'break-before-make', refused: [], sinceMs: Date.now() } as const;

  const { failures } = await run(world.activities().awaitProbes, input);

  expect(failures).toMatchObject([{ probeId: NEW, message: 'went to ERROR without a fault' }]);
});

test('a probe that is to make room is not deleted before it is silenced', async () => {
  const plan = await storePlan(world, replacement(OLD, NEW, 'break-before-make'));

  const deletion = run(world.activities().deleteProbes, { ...INPUT, plan, proof: null });

  expect((await failureOf(deletion, [])).message).toContain('no silence on probe_id is in force');
  expect(world.cloud.requests).toEqual([]);
});

test('where there is no room the plan goes on in the other order, and only where it says so', async () => {
  const plan = await storePlan(
    world,
    replacement(OLD, NEW, 'make-before-break'),
    replacement('0000001a', '0000001b', 'make-before-break', 'keep'),
    replacement('0000002a', '0000002b', 'make-before-break'),
  );
  const input = { ...INPUT, plan, withoutRoom: [NEW, '0000001b'] };

  const first = await run(world.activities().planFallback, input);
  const second = await run(world.activities().planFallback, input);

  expect(second).toEqual(first);
  expect(first.probeIds).toEqual([NEW]);
  const stored = await world.store.getObject(first.plan.key, { maxBytes: 1_000_000 });
  const { entries } = JSON.parse(stored?.body ?? '') as Plan;
  expect(entries.map((entry) => (entry.action === 'replace' ? entry.order : entry.action))).toEqual([
    'break-before-make',
    'make-before-break',
    'make-before-break',
  ]);
});
