import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import type { OpenstackSimOptions } from '../../lab/openstack-sim/index.ts';
import { failureOf, INPUT, run, startServers, type Servers } from '../contract/steps/world.ts';
import { plan, populate, startRegion, type Region } from './support/region.ts';

let servers: Servers;
let region: Region | undefined;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
afterEach(() => region?.close());

async function start(options?: OpenstackSimOptions, requestTimeoutMs?: number): Promise<Region> {
  region = await startRegion(servers, options, requestTimeoutMs);
  return region;
}

/** Every call of the step that lists. */
const CALLS = [
  { service: 'keystone', path: '/v3/auth/tokens' },
  { service: 'nova', path: '/v2\\.1/$' },
  { service: 'nova', path: '/servers/detail' },
  { service: 'nova', path: '/flavors/detail' },
  { service: 'nova', path: '/os-hypervisors/detail' },
  { service: 'nova', path: '/os-services' },
  { service: 'glance', path: '/v2/images' },
  { service: 'neutron', path: '/v2.0/networks' },
];

const TROUBLES = [
  { status: 500, type: 'unavailable', nextRetryDelay: undefined },
  { status: 502, type: 'unavailable', nextRetryDelay: undefined },
  { status: 503, type: 'unavailable', nextRetryDelay: 7_000 },
  { status: 504, type: 'timeout', nextRetryDelay: undefined },
  { status: 429, type: 'rateLimited', nextRetryDelay: 7_000 },
];

const TROUBLED = CALLS.flatMap((call) => TROUBLES.map((trouble) => ({ ...call, ...trouble })));

test.each(TROUBLED)(
  '$status from $service $path fails the listing as $type, to be retried, and nothing is written',
  async ({ service, path, status, type, nextRetryDelay }) => {
    const { sim, activities, writes, objects } = await start();
    sim.faults.add({ service, path, effect: { kind: 'status', status, retryAfterSeconds: 7 } });

    const failed = await failureOf(run(activities().listInventory, INPUT), []);

    expect(failed).toMatchObject({ type, nonRetryable: false });
    expect(failed.nextRetryDelay).toBe(nextRetryDelay);
    expect(failed.message).toContain(String(status));
    expect([writes(), await objects()]).toEqual([[], []]);
  },
);

const PAGED = ['/servers/detail', '/os-hypervisors/detail', '/flavors/detail'];
const CUTS = ['truncateBody', 'resetBeforeEffect', 'resetAfterEffect'];
const CUT_PAGES = PAGED.flatMap((path) => CUTS.map((kind) => ({ path, kind })));

test.each(CUT_PAGES)('$kind on page 2 of $path fails the listing and removes nothing', async (cut) => {
  const made = await start({ maxLimit: 2 });
  const { sim, activities, writes, objects } = made;
  await populate(made);
  const before = { writes: writes(), objects: await objects() };
  sim.faults.add({ service: 'nova', path: cut.path, nth: 2, effect: { kind: cut.kind } });

  const failed = await failureOf(run(activities().listInventory, INPUT), []);

  expect(failed).toMatchObject({ type: 'unavailable', nonRetryable: false });
  expect({ writes: writes(), objects: await objects() }).toEqual(before);
  expect((await plan(activities())).planned.counts).toMatchObject({ keep: 3, create: 0, delete: 0 });
});

test('a service that hangs fails the listing as a time-out, to be retried', async () => {
  const { sim, activities, objects } = await start({}, 500);
  sim.faults.add({ path: '/os-services', effect: { kind: 'hang' } });

  const failed = await failureOf(run(activities().listInventory, INPUT), []);

  expect(failed).toMatchObject({ type: 'timeout', nonRetryable: false });
  expect(await objects()).toEqual([]);
});
