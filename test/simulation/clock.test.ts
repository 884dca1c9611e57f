import { expect, test } from 'vitest';
import { createClock, MANUAL_START_MS } from '../../lab/openstack-sim/core/clock.ts';
import { create, startManual } from './support/sim.ts';

test('a manual clock does what falls due in order and each at its own time, also what is added on the way', () => {
  const clock = createClock('manual');
  const seen: [string, number][] = [];
  const note = (name: string): void => void seen.push([name, clock.now() - MANUAL_START_MS]);
  clock.after(20, () => note('second'));
  clock.after(10, () => {
    note('first');
    clock.after(10, () => note('third'));
  });
  clock.after(15, () => note('cancelled')).cancel();

  clock.advance(25);

  expect(seen).toEqual([
    ['first', 10],
    ['second', 20],
    ['third', 20],
  ]);
  expect(clock.now()).toBe(MANUAL_START_MS + 25);
});

test('the same seed gives the same ids and addresses', async () => {
  const worlds = await Promise.all([startManual({ seed: 7 }), startManual({ seed: 7 })]);

  const ids = await Promise.all(worlds.map(({ sim, prober }) => create(sim, prober, { host: 'cmp001' })));

  expect(ids[0]).toBe(ids[1]);
  await Promise.all(worlds.map(({ sim }) => sim.stop()));
});

test('a token ends by the clock of the simulation', async () => {
  const { sim, prober } = await startManual({ tokenLifetimeMs: 60_000 });
  const before = await prober('GET', '/flavors');

  sim.clock.advance(60_000);
  const after = await prober('GET', '/flavors');

  expect([before.status, after.status]).toEqual([200, 401]);
  await sim.stop();
});
