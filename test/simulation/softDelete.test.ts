import { afterEach, beforeEach, expect, test } from 'vitest';
import { at, create, startManual } from './support/sim.ts';

const RECLAIM_SECONDS = 600;

let world: Awaited<ReturnType<typeof startManual>>;
let id: string;

/** A server that is ACTIVE, in a cloud that keeps deleted servers for ten minutes. */
beforeEach(async () => {
  world = await startManual({ hypervisors: 1, reclaimInstanceIntervalSeconds: RECLAIM_SECONDS });
  id = await create(world.sim, world.prober, { host: 'cmp001' });
  world.sim.clock.advance(3_000);
});
afterEach(async () => world.sim.stop());

/** Status and task of the server, whether it is listed, whether its guest runs, and how many servers have room. */
async function look(): Promise<string> {
  const { sim, prober } = world;
  const shown = await prober('GET', `/servers/${id}`);
  const state =
    shown.status === 200
      ? `${String(at(shown, 'server', 'status'))} ${String(at(shown, 'server', 'OS-EXT-STS:task_state'))}`
      : String(shown.status);
  const listed = at(await prober('GET', '/servers'), 'servers', 0) === undefined ? 'unlisted' : 'listed';
  const guest = sim.guests.running().length === 0 ? 'ended' : 'runs';
  const hypervisors = await prober('GET', '/os-hypervisors/detail', undefined, '2.87');
  return `${state}, ${listed}, ${guest}, ${String(at(hypervisors, 'hypervisors', 0, 'running_vms'))} with room`;
}

test('a deleted server is SOFT_DELETED, unlisted and keeps its room until it is reclaimed', async () => {
  const { sim, prober } = world;

  await prober('DELETE', `/servers/${id}`);
  const seen = [await look()];
  sim.clock.advance(1_000);
  seen.push(await look());
  sim.clock.advance(RECLAIM_SECONDS * 1_000 - 1);
  seen.push(await look());
  sim.clock.advance(1_301);
  seen.push(await look());

  expect(seen).toEqual([
    'ACTIVE soft-deleting, listed, runs, 1 with room',
    'SOFT_DELETED null, unlisted, ended, 1 with room',
    'SOFT_DELETED null, unlisted, ended, 1 with room',
    '404, unlisted, ended, 0 with room',
  ]);
});

test('asked for again its time begins anew', async () => {
  const { sim, prober } = world;
  await prober('DELETE', `/servers/${id}`);
  sim.clock.advance(RECLAIM_SECONDS * 1_000);

  await prober('DELETE', `/servers/${id}`);
  sim.clock.advance(RECLAIM_SECONDS * 1_000);

  expect(await look()).toBe('SOFT_DELETED null, unlisted, ended, 1 with room');
});

test('forceDelete ends it at once and gives its room back, but not while another deletion is under way', async () => {
  const { sim, prober } = world;
  const force = () => prober('POST', `/servers/${id}/action`, { forceDelete: null });
  await prober('DELETE', `/servers/${id}`);

  const early = await force();
  sim.clock.advance(1_000);
  const { status } = await force();
  sim.clock.advance(1_300);

  expect([early.status, status]).toEqual([409, 202]);
  expect(at(early, 'conflictingRequest', 'message')).toBe(
    `Cannot 'forceDelete' instance ${id} while it is in task_state soft-deleting`,
  );
  expect(await look()).toBe('404, unlisted, ended, 0 with room');
});
