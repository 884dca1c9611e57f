import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { PlanEntry } from '../../../src/domain/plan.ts';
import { json } from '../openstack/cloud.ts';
import { removal, storePlan } from './plans.ts';
import {
  createWorld,
  failureOf,
  INPUT,
  run,
  runLast,
  startServers,
  type Servers,
  type World,
} from './world.ts';

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

function retiring(probeId: string): PlanEntry {
  const { probe } = removal(probeId) as Extract<PlanEntry, { action: 'delete' }>;
  const reason = { code: 'retiring', text: 'drained' } as const;
  return { hypervisor: 'cmp1', orphan: false, reason, action: 'keep', probe, mark: 'retire' };
}

test('a probe that Nova refuses to mark in its state is told, and the others are marked', async () => {
  const message = 'Cannot update_instance_metadata while it is in vm_state error';
  world.cloud
    .on('POST', '/v2.1/servers/server-0000000a/metadata', json(409, { conflictingRequest: { message } }))
    .on('POST', '/v2.1/servers/server-0000000b/metadata', json(200, { metadata: {} }));
  const plan = await storePlan(world, retiring('0000000a'), retiring('0000000b'));

  const { marked, failures } = await run(world.activities().markProbes, { ...INPUT, plan });

  expect(marked).toBe(1);
  expect(failures).toMatchObject([{ probeId: '0000000a', step: 'mark', kind: 'conflict' }]);
});

test('one that Nova fails at is tried again, and told by the last attempt; the others are marked by each', async () => {
  world.cloud
    .on('POST', '/v2.1/servers/server-0000000a/metadata', json(500, {}))
    .on('POST', '/v2.1/servers/server-0000000b/metadata', json(200, { metadata: {} }));
  const input = { ...INPUT, plan: await storePlan(world, retiring('0000000a'), retiring('0000000b')) };
  const { markProbes } = world.activities();

  const failed = await failureOf(run(markProbes, input), []);
  const { marked, failures } = await runLast(markProbes, input);

  expect(failed).toMatchObject({ type: 'unavailable', nonRetryable: false });
  expect(world.cloud.count('POST', '/v2.1/servers/server-0000000b/metadata')).toBe(2);
  expect(marked).toBe(1);
  expect(failures).toMatchObject([{ probeId: '0000000a', step: 'mark', kind: 'unavailable' }]);
});

test('an attempt after which no other one has time is the last one', async () => {
  world.cloud.on('POST', '/v2.1/servers/server-0000000a/metadata', json(500, {}));
  const input = { ...INPUT, plan: await storePlan(world, retiring('0000000a')) };
  const slow = { attempt: 2, scheduledTimestampMs: 0, currentAttemptScheduledTimestampMs: 400_000 };

  const { failures } = await run(world.activities().markProbes, input, slow);

  expect(failures).toMatchObject([{ probeId: '0000000a', kind: 'unavailable' }]);
});

test('a cloud that asks to be left alone is left alone until the next attempt', async () => {
  world.cloud
    .on('POST', '/v2.1/servers/server-0000000a/metadata', json(429, {}))
    .on('POST', '/v2.1/servers/server-0000000b/metadata', json(200, { metadata: {} }));
  const input = { ...INPUT, plan: await storePlan(world, retiring('0000000a'), retiring('0000000b')) };

  const failed = await failureOf(run(world.activities().markProbes, input), []);

  expect(failed).toMatchObject({ type: 'rateLimited', nonRetryable: false });
  expect(world.cloud.count('POST', '/v2.1/servers/server-0000000b/metadata')).toBe(0);
});
