import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Seen } from './support/sim.ts';
import { at, create, startManual } from './support/sim.ts';

let world: Awaited<ReturnType<typeof startManual>>;
let id: string;
let guests: string[];

/** A server that is ACTIVE on `cmp001`. */
beforeEach(async () => {
  world = await startManual({ hypervisors: 1 });
  const { sim, prober } = world;
  id = await create(sim, prober, { host: 'cmp001' });
  sim.clock.advance(3_000);
  guests = [];
  sim.guests.on('boot', () => guests.push('boot'));
  sim.guests.on('gone', () => guests.push('gone'));
});
afterEach(async () => world.sim.stop());

function act(action: object): Promise<Seen> {
  return world.prober('POST', `/servers/${id}/action`, action);
}

/** Status, task and what Nova believes of the host. */
async function look(): Promise<string> {
  const seen = await world.prober('GET', `/servers/${id}`);
  const [status, task, host] = ['status', 'OS-EXT-STS:task_state', 'host_status'].map((key) =>
    String(at(seen, 'server', key)),
  );
  return `${status} ${task} ${host}`;
}

test('a server is stopped and started, and its guest with it', async () => {
  const { sim } = world;

  await act({ 'os-stop': null });
  const seen = [await look()];
  sim.clock.advance(500);
  seen.push(await look());
  await act({ 'os-start': null });
  seen.push(await look());
  sim.clock.advance(500);
  seen.push(await look());

  expect(seen).toEqual([
    'ACTIVE powering-off UP',
    'SHUTOFF null UP',
    'SHUTOFF powering-on UP',
    'ACTIVE null UP',
  ]);
  expect(guests).toEqual(['gone', 'boot']);
});

test('a hard reboot ends the guest and starts it again; a soft one is not modelled', async () => {
  const { sim } = world;

  const soft = await act({ reboot: { type: 'SOFT' } });
  await act({ reboot: { type: 'HARD' } });
  const seen = [await look()];
  sim.clock.advance(500);
  seen.push(await look());

  expect(soft.status).toBe(501);
  expect(seen).toEqual(['HARD_REBOOT rebooting_hard UP', 'ACTIVE null UP']);
  expect(guests).toEqual(['gone', 'boot']);
});

test('on a dead host a reboot hangs, and nothing else is begun meanwhile', async () => {
  const { sim } = world;
  sim.killCompute('cmp001');
  sim.clock.advance(60_000);

  const { status } = await act({ reboot: { type: 'HARD' } });
  sim.clock.advance(600_000);
  const stop = await act({ 'os-stop': null });

  expect([status, stop.status]).toEqual([202, 409]);
  expect(await look()).toBe('HARD_REBOOT rebooting_hard UNKNOWN');
  expect(guests).toEqual([]);
});

test('a host without power takes its guests along; Nova shows them ACTIVE, and SHUTOFF once it is back', async () => {
  const { sim } = world;

  sim.powerOff('cmp001');
  const seen = [await look()];
  sim.clock.advance(60_000);
  seen.push(await look());
  const without = [...guests];
  sim.reviveCompute('cmp001');
  seen.push(await look());

  expect(without).toEqual(['gone']);
  expect(seen).toEqual(['ACTIVE null UP', 'ACTIVE null UNKNOWN', 'SHUTOFF null UP']);
  expect(guests).toEqual(['gone']);
});

test('a server whose host died before it took it stays in BUILD and is counted on no hypervisor', async () => {
  const { sim } = world;
  sim.killCompute('cmp001');

  const lost = await create(sim, world.prober, { host: 'cmp001' });
  sim.clock.advance(3_000);
  sim.reviveCompute('cmp001');

  const server = await world.prober('GET', `/servers/${lost}`);
  const hypervisors = await world.prober('GET', '/os-hypervisors/detail', undefined, '2.53');
  expect(at(server, 'server', 'status')).toBe('BUILD');
  expect(at(hypervisors, 'hypervisors', 0, 'running_vms')).toBe(1);
});
