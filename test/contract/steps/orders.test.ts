import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { Inventory } from '../../../src/domain/inventory.ts';
import type { Order, PlacedOrder } from '../../../src/domain/orders.ts';
import type { ObjectStore } from '../../../src/objectstore/client.ts';
import type { RegionDeps } from '../../../src/activities/deps.ts';
import { json } from '../openstack/cloud.ts';
import {
  createWorld,
  failureOf,
  INPUT,
  INSTALLATION,
  REGION,
  run,
  startServers,
  whole,
  type Servers,
  type World,
} from './world.ts';

const HYPERVISOR = {
  id: 'hypervisor-1',
  hypervisor_hostname: 'cmp1.example',
  hypervisor_type: 'QEMU',
  state: 'up',
  status: 'enabled',
  service: { host: 'cmp1-host' },
};
const KEY = `passes/${REGION}/orders/${INSTALLATION}.json`;
const AT = '2026-01-02T03:00:00.000Z';
const LATER = '2026-01-02T03:00:01.000Z';
const UNTIL = '2026-01-02T04:00:00.000Z';
const BEFORE = Date.parse(AT);
const AFTER = Date.parse(UNTIL);
const said = { by: 'me', reason: 'works' };
const freeze: Order = { kind: 'freeze', ...said, until: UNTIL };
const begin = (hypervisor: string): Order => ({
  kind: 'beginMaintenance',
  hypervisor,
  ...said,
  until: UNTIL,
});

let servers: Servers;
let world: World;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers);
  world.cloud.on('GET', '/v2.1/os-hypervisors/detail', json(200, { hypervisors: [HYPERVISOR] }));
});
afterEach(() => world.close());

async function place(
  order: Order | null,
  {
    nowMs = BEFORE,
    at = AT,
    ...changes
  }: Partial<RegionDeps> & { readonly nowMs?: number; readonly at?: string } = {},
): Promise<PlacedOrder> {
  return await run(world.activities(changes, () => nowMs).placeOrder, { ...INPUT, order, at });
}

async function stored(): Promise<unknown> {
  const found = await world.store.getObject(KEY, { maxBytes: 1_000_000 });
  return found === undefined ? undefined : (JSON.parse(found.body) as unknown);
}

test('a freeze is written, and told to a pass without looking at anything else', async () => {
  const frozen = { ...said, at: AT, until: UNTIL };

  expect(await place(freeze)).toEqual({
    region: REGION,
    changed: true,
    frozen,
    inMaintenance: 0,
    maintenance: [],
  });
  expect(await stored()).toMatchObject({ installation: INSTALLATION, region: REGION, frozen });
  const { requests } = world.cloud;
  const asked = requests.length;
  const { listInventory } = world.activities({}, () => BEFORE);
  expect(await run(listInventory, { ...INPUT, stopIfFrozen: true })).toEqual({ frozen });
  expect(requests.length).toBe(asked);
  // A dry run looks at the region all the same.
  expect(await run(listInventory, INPUT)).toMatchObject({ frozen, hypervisors: expect.any(Number) });
});

test('an order given again is not written again, and a question writes nothing', async () => {
  expect(await place(null)).toMatchObject({ changed: false, frozen: null });
  expect(await stored()).toBeUndefined();
  await place(freeze);
  const before = await world.store.headObject(KEY);

  expect(await place(freeze, { at: LATER })).toMatchObject({ changed: false, frozen: said });
  expect(await place(null)).toMatchObject({ changed: false, frozen: said });

  expect(await world.store.headObject(KEY)).toEqual(before);
});

test('an attempt whose answer was lost has changed what stands, and the next one says so', async () => {
  for (const order of [freeze, begin('cmp1')]) {
    const placed = await place(order);
    const before = await world.store.headObject(KEY);

    expect(await place(order)).toEqual(placed);
    expect(placed.changed).toBe(true);
    expect(await world.store.headObject(KEY)).toEqual(before);
    expect(await place(order, { at: LATER })).toMatchObject({ changed: false });
  }
});

test('an order whose time is over counts as none, and is dropped by the next one that changes something', async () => {
  await place(freeze);
  const { listInventory } = world.activities({}, () => AFTER);
  const listed = whole(await run(listInventory, { ...INPUT, stopIfFrozen: true }));
  expect(listed).not.toHaveProperty('frozen');
  expect(await place(null, { nowMs: AFTER })).toMatchObject({ frozen: null });
  expect(await stored()).toMatchObject({ frozen: said });

  await place(
    { kind: 'beginMaintenance', hypervisor: 'cmp1', ...said, until: '2026-01-03T00:00:00.000Z' },
    {
      nowMs: AFTER,
    },
  );

  expect(await stored()).toMatchObject({ frozen: null, maintenance: [{ hypervisor: 'cmp1.example' }] });
});

test('a hypervisor is taken into maintenance by its short name, and a pass knows of it', async () => {
  const placed = await place(begin('cmp1'));

  expect(placed).toMatchObject({ hypervisor: 'cmp1.example', inMaintenance: 1 });
  const listed = whole(await run(world.activities({}, () => BEFORE).listInventory, INPUT));
  const inventory = await world.store.getObject(listed.inventory.key, { maxBytes: 1_000_000 });
  expect((JSON.parse(inventory?.body ?? '') as Inventory).maintenance).toEqual(placed.maintenance);
  expect(await place({ kind: 'endMaintenance', hypervisor: 'cmp1' })).toMatchObject({
    changed: true,
    hypervisor: 'cmp1.example',
    inMaintenance: 0,
  });
});

test('a hypervisor that Nova doesn’t list is refused with those that it does', async () => {
  const failed = await failureOf(place(begin('cmp9')), []);

  expect(failed).toMatchObject({ type: 'notFound', nonRetryable: true });
  expect(failed.message).toMatch(/^Nova lists no hypervisor "cmp9" in region luxembourg; it has cmp1/);
  expect(await stored()).toBeUndefined();
});

test('of many orders at the same time none is lost', async () => {
  const hosts = Array.from({ length: 8 }, (_, index) => `cmp${index}.example`);
  const maintenance = hosts.map((hypervisor) => ({ ...said, hypervisor, at: AT, until: UNTIL }));
  const document = { schema: 1, installation: INSTALLATION, region: REGION, frozen: null, maintenance };
  await world.store.putObject(KEY, JSON.stringify(document), { contentType: 'application/json' });

  await Promise.all(hosts.map((hypervisor) => place({ kind: 'endMaintenance', hypervisor })));

  expect(await stored()).toMatchObject({ maintenance: [] });
});

test('an order goes on from what somebody else has written meanwhile', async () => {
  let isFirst = true;
  const raced: ObjectStore = {
    ...world.store,
    getObject: async (...args) => {
      const found = await world.store.getObject(...args);
      if (isFirst && args[0] === KEY) {
        isFirst = false;
        await place(begin('cmp1'));
      }
      return found;
    },
  };

  const placed = await place(freeze, { artifacts: raced });

  expect(placed).toMatchObject({ frozen: said, maintenance: [{ hypervisor: 'cmp1.example' }] });
  expect(await stored()).toMatchObject({ frozen: said, maintenance: [{ hypervisor: 'cmp1.example' }] });
});

test.each([
  ['no JSON', '{'],
  ['of another form', '{"schema":1}'],
  [
    'of another installation',
    JSON.stringify({ schema: 1, installation: 'other', region: REGION, frozen: null, maintenance: [] }),
  ],
])(
  'orders that are %s stop a pass and are not overwritten, since the region may be frozen',
  async (_what, body) => {
    await world.store.putObject(KEY, body, { contentType: 'application/json' });

    for (const attempt of [
      () => run(world.activities().listInventory, INPUT),
      () => place({ kind: 'unfreeze' }),
    ]) {
      const failed = await failureOf(attempt(), []);
      expect(failed).toMatchObject({ type: 'malformedDocument', nonRetryable: true });
      expect(failed.message).toContain(`${KEY} in S3 doesn't hold the orders of this region`);
    }
    expect((await world.store.getObject(KEY, { maxBytes: 1_000 }))?.body).toBe(body);
  },
);

test('orders stay in S3 however old they get', async () => {
  await place(freeze);
  const years = Date.now() + 10 * 365 * 86_400_000;
  const { writeReport } = world.activities({}, () => years);

  const { pruned } = await run(writeReport, { ...INPUT, report: { outcome: 'held' } as never });

  expect(pruned).toBeGreaterThan(0);
  expect(await stored()).toMatchObject({ frozen: said });
});
