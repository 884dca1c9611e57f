import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { failureOf, INPUT, run, startServers, type Servers } from '../contract/steps/world.ts';
import { populate, startRegion, type Region } from './support/region.ts';

let servers: Servers;
let region: Region;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  region = await startRegion(servers, { hypervisors: 3 });
  await populate(region);
});
afterEach(() => region.close());

async function look(hypervisor: string) {
  return await run(region.activities().lookAtHypervisor, { ...INPUT, hypervisor });
}

test('one hypervisor is looked at by any of its names, and nothing is changed', async () => {
  const [writes, objects] = [region.writes().length, await region.objects()];

  const seen = await look('cmp002');

  expect(seen).toMatchObject({
    hypervisor: expect.stringMatching(/^cmp002\./),
    up: true,
    maintenance: null,
    decision: 'selected',
    // It stands and no pass has published it.
    probes: [expect.stringMatching(/^probe-cmp002-/)],
    isPublished: false,
    failedChecks: [],
  });
  expect(await look(seen.hypervisor)).toEqual(seen);
  expect(region.writes()).toHaveLength(writes);
  expect(await region.objects()).toEqual(objects);
});

test('the order that keeps it without a probe is told', async () => {
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const order = { kind: 'beginMaintenance', hypervisor: 'cmp002', by: 'me', reason: 'disk', until } as const;
  await run(region.activities().placeOrder, { ...INPUT, order, at: new Date().toISOString() });

  const [inMaintenance, other] = [await look('cmp002'), await look('cmp001')];

  expect(inMaintenance).toMatchObject({
    decision: 'excluded',
    maintenance: { by: 'me', reason: 'disk', until },
  });
  expect(other).toMatchObject({ decision: 'selected', maintenance: null });
});

test('a name that no hypervisor has is refused', async () => {
  const failed = await failureOf(look('cmp009'), []);

  expect(failed).toMatchObject({ type: 'notFound', nonRetryable: true });
});
