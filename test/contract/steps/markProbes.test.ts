import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { PlanEntry } from '../../../src/domain/plan.ts';
import { json } from '../openstack/cloud.ts';
import { removal, storePlan } from './plans.ts';
import { createWorld, INPUT, run, startServers, type Servers, type World } from './world.ts';

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
