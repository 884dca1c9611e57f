import { afterEach, beforeEach, expect, test } from 'vitest';
import { at, create, signIn, startManual } from './support/sim.ts';

let world: Awaited<ReturnType<typeof startManual>>;
beforeEach(async () => {
  world = await startManual({ hypervisors: 2 });
});
afterEach(async () => world.sim.stop());

async function stateOf(id: string): Promise<string> {
  const answer = await world.prober('GET', `/servers/${id}`);
  if (answer.status !== 200) return String(answer.status);
  return `${String(at(answer, 'server', 'status'))} ${String(at(answer, 'server', 'OS-EXT-STS:task_state'))}`;
}

test('a deleted server is deleting, for a moment DELETED, and then gone', async () => {
  const { sim, prober } = world;
  const id = await create(sim, prober, { host: 'cmp001' });
  sim.clock.advance(3_000);
  const seen = [await stateOf(id)];

  const answers = [await prober('DELETE', `/servers/${id}`), await prober('DELETE', `/servers/${id}`)];
  seen.push(await stateOf(id));
  sim.clock.advance(1_000);
  seen.push(await stateOf(id));
  sim.clock.advance(300);
  seen.push(await stateOf(id));

  expect(seen).toEqual(['ACTIVE null', 'ACTIVE deleting', 'DELETED null', '404']);
  expect(answers.map(({ status }) => status)).toEqual([204, 204]);
});

test('a deletion while it spawns waits, and shows it healthy for a moment', async () => {
  const { sim, prober } = world;
  sim.setFault('cmp001', { spawn_delay: 10 });
  const id = await create(sim, prober, { host: 'cmp001' });
  sim.clock.advance(3_000);

  await prober('DELETE', `/servers/${id}`);
  const seen = [await stateOf(id)];
  sim.clock.advance(10_000);
  seen.push(await stateOf(id));
  sim.clock.advance(1_500);
  seen.push(await stateOf(id));

  expect(seen).toEqual(['BUILD deleting', 'ACTIVE null', 'DELETED null']);
});

test('on a host that is down it is gone from the API while its guest lives on', async () => {
  const { sim, prober } = world;
  const id = await create(sim, prober, { host: 'cmp001' });
  sim.clock.advance(3_000);
  sim.killCompute('cmp001');
  sim.clock.advance(60_000);
  const hostStatus = at(await prober('GET', `/servers/${id}`), 'server', 'host_status');

  await prober('DELETE', `/servers/${id}`);
  sim.clock.advance(2_000);

  expect(hostStatus).toBe('UNKNOWN');
  expect(await stateOf(id)).toBe('404');
  expect(sim.guests.running().map(({ serverId }) => serverId)).toEqual([id]);
  sim.reviveCompute('cmp001');
  expect(sim.guests.running()).toEqual([]);
});

test('a lock holds everybody but administrators', async () => {
  const { sim, prober } = world;
  const viewer = await signIn(sim, 'viewer', 'probes');
  const id = await create(sim, prober, { host: 'cmp001' });
  await prober('POST', `/servers/${id}/action`, { lock: null });

  const held = await viewer('DELETE', `/servers/${id}`);
  const accepted = await prober('DELETE', `/servers/${id}`);

  expect([held.status, accepted.status]).toEqual([409, 204]);
  expect(at(held, 'conflictingRequest', 'message')).toBe(`Instance ${id} is locked`);
});
