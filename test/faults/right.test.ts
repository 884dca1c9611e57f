import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/await.ts';
import { createChance } from './chance.ts';
import { claimLoopback, type Loopback } from './loopback.ts';
import { startRegion, type TestedRegion } from './region.ts';
import { findDoubled } from './right.ts';

let loopback: Loopback;
let region: TestedRegion;
beforeEach(async () => {
  loopback = await claimLoopback();
  region = await startRegion({ name: 'r', networkCidr: loopback.cidrOf(0), chance: createChance(1) });
});
afterEach(async () => {
  await region.close();
  await loopback[Symbol.asyncDispose]();
});

async function makeProbe(probeId: string): Promise<void> {
  const metadata = {
    innervisor_installation: 'test',
    innervisor_region: region.name,
    innervisor_hypervisor: region.sim.hypervisorOf('cmp001'),
    innervisor_probe: probeId,
  };
  const { id } = await region.observer.createServer({ name: 'probe', host: 'cmp001', metadata });
  const isActive = async (): Promise<boolean> => (await region.observer.getServer(id))?.status === 'ACTIVE';
  await eventually(isActive, { describe: 'the probe is active' });
}

function hideCells(): void {
  for (const cell of region.cells) region.sim.cells.down(cell, { servers: true, services: true });
}

test('a probe that was made twice is seen while its cell is left out of lists', async () => {
  await makeProbe('0000000a');
  await makeProbe('0000000a');
  hideCells();

  expect(findDoubled(region, false)).toEqual(['probe 0000000a was made 2 times']);
});

test('one is excused of whose first server nobody knew when the second one was made', async () => {
  await makeProbe('0000000a');
  const [first = ''] = region.sim.servers().map(({ id }) => id);
  const betweenMs = Date.now();
  await makeProbe('0000000a');
  const [second = ''] = region.sim.servers().flatMap(({ id }) => (id === first ? [] : [id]));
  const afterMs = Date.now();
  hideCells();

  const doubled = ['probe 0000000a was made 2 times'];
  expect(findDoubled(region, false, new Map([[second, afterMs]]))).toEqual([]);
  expect(findDoubled(region, false, new Map([[first, afterMs + 1]]))).toEqual([]);
  expect(findDoubled(region, false, new Map([[first, betweenMs]]))).toEqual(doubled);
});

test('a hypervisor with two probes is seen, where it may have one', async () => {
  await makeProbe('0000000a');
  await makeProbe('0000000b');
  hideCells();

  expect(findDoubled(region, false)).toEqual([]);
  expect(findDoubled(region, true)).toEqual(['cmp001 has 2 probes']);
});
