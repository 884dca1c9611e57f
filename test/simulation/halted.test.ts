import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Ask, Seen } from './support/sim.ts';
import { at, create, signIn, startManual } from './support/sim.ts';

/** What a hypervisor keeps for itself, and what each server takes. */
const [RESERVED_MIB, PROBE_MIB] = [512, 256];

let world: Awaited<ReturnType<typeof startManual>>;
let admin: Ask;
let id: string;
let guests: string[];

/** A server that is ACTIVE on `cmp001`. */
beforeEach(async () => {
  world = await startManual({ hypervisors: 2 });
  const { sim, prober } = world;
  admin = await signIn(sim, 'admin', 'admin');
  id = await create(sim, prober, { host: 'cmp001' });
  sim.clock.advance(3_000);
  guests = [];
  for (const event of ['boot', 'gone'] as const)
    sim.guests.on(event, ({ host, addresses }) => guests.push(`${event} ${host} ${addresses.length}`));
});
afterEach(async () => world.sim.stop());

function act(action: object): Promise<Seen> {
  return admin('POST', `/servers/${id}/action`, action);
}

async function look(): Promise<string> {
  const seen = await admin('GET', `/servers/${id}`);
  const keys = ['status', 'OS-EXT-STS:task_state', 'OS-EXT-STS:power_state', 'OS-EXT-SRV-ATTR:host'];
  return keys.map((key) => String(at(seen, 'server', key))).join(' ');
}

/** How it is shown when an action was accepted, and when it is done. */
async function play(action: object): Promise<readonly string[]> {
  await act(action);
  const first = await look();
  world.sim.clock.advance(2_000);
  return [first, await look()];
}

/** How many servers each hypervisor has room taken for. */
async function held(): Promise<readonly number[]> {
  const seen = await admin('GET', '/os-hypervisors/detail', undefined, '2.53');
  const usedMiB = [0, 1].map((place) => Number(at(seen, 'hypervisors', place, 'memory_mb_used')));
  return usedMiB.map((used) => (used - RESERVED_MIB) / PROBE_MIB);
}

test.each([
  ['pause', 'unpause', 'pausing', 'unpausing', 'PAUSED', 3],
  ['suspend', 'resume', 'suspending', 'resuming', 'SUSPENDED', 4],
])('%s holds a server still until %s', async (halt, goOn, halting, goingOn, status, power) => {
  const halted = await play({ [halt]: null });
  const again = await act({ [halt]: null });
  const metadata = await admin('POST', `/servers/${id}/metadata`, { metadata: { a: 'b' } });
  const back = await play({ [goOn]: null });

  expect(halted).toEqual([`ACTIVE ${halting} 1 cmp001`, `${status} null ${power} cmp001`]);
  expect(again.status).toBe(409);
  expect(at(again, 'conflictingRequest', 'message')).toBe(
    `Cannot '${halt}' instance ${id} while it is in vm_state ${status.toLowerCase()}`,
  );
  expect(metadata.status).toBe(200);
  expect(back).toEqual([`${status} ${goingOn} ${power} cmp001`, 'ACTIVE null 1 cmp001']);
  expect(guests).toEqual(['gone cmp001 1', 'boot cmp001 1']);
});

test('a cold migration waits on the other host to be confirmed, and has room on both until then', async () => {
  const moved = await play({ migrate: null });
  const whileUnconfirmed = await held();
  const confirmed = await act({ confirmResize: null });
  world.sim.clock.advance(2_000);

  expect(moved).toEqual(['RESIZE resize_migrating 1 cmp001', 'VERIFY_RESIZE null 1 cmp002']);
  expect(whileUnconfirmed).toEqual([1, 1]);
  expect(confirmed.status).toBe(204);
  expect(await look()).toBe('ACTIVE null 1 cmp002');
  expect(await held()).toEqual([0, 1]);
  expect(guests).toEqual(['gone cmp001 1', 'boot cmp002 1']);
});

test('a cold migration that is reverted ends where it began', async () => {
  await play({ migrate: null });

  const back = await play({ revertResize: null });

  expect(back).toEqual(['REVERT_RESIZE resize_reverting 1 cmp002', 'ACTIVE null 1 cmp001']);
  expect(await held()).toEqual([1, 0]);
  expect((await act({ revertResize: null })).status).toBe(409);
});

test('a deletion during a cold migration gives back the room on both hosts', async () => {
  await act({ migrate: null });

  await admin('DELETE', `/servers/${id}`);
  world.sim.clock.advance(5_000);

  expect(await held()).toEqual([0, 0]);
});

test('a server whose port is deleted in Neutron is ACTIVE without an address, also after a reboot', async () => {
  const { sim, prober } = world;
  const ports = await prober('GET', `${sim.origins.neutron}/v2.0/ports?device_id=${id}`);

  await prober('DELETE', `${sim.origins.neutron}/v2.0/ports/${String(at(ports, 'ports', 0, 'id'))}`);
  const unplugged = at(await admin('GET', `/servers/${id}`), 'server', 'addresses');
  await play({ reboot: { type: 'HARD' } });

  expect(unplugged).toEqual({});
  expect(await look()).toBe('ACTIVE null 1 cmp001');
  expect(guests).toEqual(['gone cmp001 1', 'boot cmp001 0']);
});
