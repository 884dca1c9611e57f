import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { INPUT, run, startServers, type Servers } from '../contract/steps/world.ts';
import { create, plan, populate, startRegion, type Planned, type Region } from './support/region.ts';

let servers: Servers;
let region: Region;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  region = await startRegion(servers, { hypervisors: [{}, { cell: 'cell2' }, {}] });
  await populate(region);
  await publish(await plan(region.activities()));
});
afterEach(() => region.close());

/** Publishes the peers of a pass that changes nothing. */
async function publish({ listed, planned }: Planned) {
  const { buildPeers, uploadPeers } = region.activities();
  const { inventory } = listed;
  const input = { ...INPUT, plan: planned.plan, inventory, proof: null, changed: false };
  const { document, probes } = await run(buildPeers, input);
  const { written } = await run(uploadPeers, { ...INPUT, peers: document });
  return { probes, written };
}

test.each([
  ['a cell whose servers are left out', false, { keep: 2, defer: 1 }],
  ['a cell that is left out altogether', true, { keep: 2, defer: 0 }],
])(
  '%s keeps its published probe, and nothing is made or removed in its place',
  async (_, services, counts) => {
    const before = region.writes().length;
    region.sim.cells.down('cell2', { servers: true, services });

    const found = await plan(region.activities());
    await create(region.activities(), found);

    expect(found.listed).toMatchObject({ hypervisors: services ? 2 : 3, probes: 2, unlisted: 1 });
    expect(found.planned.counts).toEqual({
      create: 0,
      replace: 0,
      delete: 0,
      none: 0,
      reboot: 0,
      marks: 0,
      breaks: 0,
      ...counts,
    });
    expect(await publish(found)).toEqual({ probes: 3, written: false });
    expect(region.writes()).toHaveLength(before);
  },
);

test('servers that are left out of the list alone are found one by one', async () => {
  region.sim.faults.add({ path: '/servers/detail', effect: { kind: 'truncatePage', keep: 1 } });

  const { listed, planned } = await plan(region.activities());

  expect(listed).toMatchObject({ probes: 3, unlisted: 0 });
  expect(planned.counts).toMatchObject({ keep: 3, create: 0, delete: 0 });
});

test('a cell that answers again has its probe as before', async () => {
  region.sim.cells.down('cell2', { servers: true, services: false });
  await plan(region.activities());
  region.sim.cells.up('cell2');

  const { listed, planned } = await plan(region.activities());

  expect(listed).toMatchObject({ probes: 3, unlisted: 0 });
  expect(planned.counts).toMatchObject({ keep: 3, create: 0, defer: 0 });
});
