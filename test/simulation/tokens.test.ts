import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import type { OpenstackSimOptions } from '../../lab/openstack-sim/index.ts';
import { failureOf, INPUT, run, startServers, type Servers } from '../contract/steps/world.ts';
import { awaitAll, create, plan, startRegion, type Region } from './support/region.ts';

const HOUR_MS = 3_600_000;
const REFUSED = { kind: 'status', status: 401 };

let servers: Servers;
let region: Region | undefined;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
afterEach(() => region?.close());

async function start(options: OpenstackSimOptions): Promise<Region> {
  region = await startRegion(servers, options);
  return region;
}

test('a 401 in the middle of a listing takes one new token, and the listing is complete', async () => {
  const { sim, activities, tokens } = await start({ hypervisors: 5, maxLimit: 2 });
  sim.faults.add({ service: 'nova', path: '/os-hypervisors/detail', nth: 2, effect: REFUSED });

  const listed = await run(activities().listInventory, INPUT);

  expect(listed).toMatchObject({ hypervisors: 5 });
  expect(tokens()).toBe(2);
});

test('calls that are refused at the same time share one new token', async () => {
  const { sim, activities, tokens } = await start({});
  const steps = activities();
  await run(steps.listInventory, INPUT);
  const path = '/(os-hypervisors/detail|os-services)';
  sim.faults.add({ service: 'nova', path, count: 2, effect: REFUSED });

  await run(steps.listInventory, INPUT);

  expect(tokens()).toBe(2);
});

test('a 401 again and again ends the step as unauthenticated after one new token', async () => {
  const { sim, activities, tokens, objects } = await start({});
  sim.faults.add({ service: 'nova', path: '/os-hypervisors/detail', effect: REFUSED });

  const failed = await failureOf(run(activities().listInventory, INPUT), []);

  expect(failed).toMatchObject({ type: 'unauthenticated', nonRetryable: true });
  expect(tokens()).toBe(2);
  expect(await objects()).toEqual([]);
});

test('credentials that Keystone refuses end the step as unauthenticated, and it is asked once', async () => {
  const { sim, activities, tokens } = await start({});
  sim.faults.add({ service: 'keystone', method: 'POST', effect: REFUSED });

  const failed = await failureOf(run(activities().listInventory, INPUT), []);

  expect(failed).toMatchObject({ type: 'unauthenticated', nonRetryable: true });
  expect(tokens()).toBe(1);
});

test('a token that expires in the middle of a pass is renewed', async () => {
  const { sim, activities, tokens, serverHosts } = await start({ clock: 'manual', tokenLifetimeMs: HOUR_MS });
  const steps = activities();
  const found = await plan(steps);
  await create(steps, found);
  const before = tokens();

  sim.clock.advance(HOUR_MS);
  const awaited = await awaitAll(steps, found);

  expect(awaited).toMatchObject({ standing: 3, failed: 0 });
  expect([before, tokens()]).toEqual([1, 2]);
  expect(await serverHosts()).toEqual(['cmp001', 'cmp002', 'cmp003']);
  const refused = sim.requests.since(0).filter(({ status }) => status === 401);
  expect(refused).toHaveLength(1);
});

test('a create that is refused with a 401 is made once, with the new token', async () => {
  const { sim, activities, serverHosts, tokens } = await start({ clock: 'manual', tokenLifetimeMs: HOUR_MS });
  const steps = activities();
  const found = await plan(steps);
  sim.faults.add({ service: 'nova', method: 'POST', path: '/servers$', nth: 2, effect: REFUSED });

  const { failures } = await create(steps, found);
  sim.clock.advance(5_000);

  expect(failures).toEqual([]);
  expect(tokens()).toBe(2);
  expect(await serverHosts()).toEqual(['cmp001', 'cmp002', 'cmp003']);
});
