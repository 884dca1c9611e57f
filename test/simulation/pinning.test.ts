import { afterEach, beforeEach, expect, test } from 'vitest';
import { at, aServer, create, startManual } from './support/sim.ts';

let world: Awaited<ReturnType<typeof startManual>>;
beforeEach(async () => {
  world = await startManual({ hypervisors: 2, serviceDownTimeMs: 60_000 });
});
afterEach(async () => world.sim.stop());

const NOT_ENOUGH = 'ERROR: No valid host was found. There are not enough hosts available.';
const NONE = 'ERROR: No valid host was found. ';
const STUCK = 'BUILD scheduling null';
const FINE = 'ACTIVE null cmp001';

/** One row of the measured table: what a host is, and what becomes of a server forced or requested onto it. */
const TABLE: readonly [string, (sim: typeof world.sim) => void, string, string][] = [
  ['fine', () => undefined, FINE, FINE],
  ['disabled', (sim) => sim.disable('cmp001'), NONE, NONE],
  ['disabled by Nova itself, without libvirt', (sim) => sim.loseLibvirt('cmp001'), NONE, NONE],
  ['forced down but alive', (sim) => sim.forceDown('cmp001'), FINE, NOT_ENOUGH],
  [
    'dead and marked down',
    (sim) => {
      sim.killCompute('cmp001');
      sim.clock.advance(60_000);
    },
    STUCK,
    NOT_ENOUGH,
  ],
  ['dead and not yet marked', (sim) => sim.killCompute('cmp001'), STUCK, STUCK],
];

test.each(TABLE)('on a host that is %s', async (_, prepare, forced, requested) => {
  const { sim, prober } = world;
  prepare(sim);

  const ids = [
    await create(sim, prober, { availability_zone: 'nova:cmp001' }),
    await create(sim, prober, { host: 'cmp001' }),
  ];
  sim.clock.advance(30_000);

  const outcomes = [];
  for (const id of ids) {
    const { server } = (await prober('GET', `/servers/${id}`)).body as { server: Record<string, unknown> };
    const fault = server['fault'] as { message: string } | undefined;
    const place = `${String(server['OS-EXT-STS:task_state'])} ${String(server['OS-EXT-SRV-ATTR:host'])}`;
    outcomes.push(`${String(server['status'])}${fault === undefined ? ` ${place}` : `: ${fault.message}`}`);
  }
  expect(outcomes).toEqual([forced, requested]);
});

test('an unknown host is refused at once when requested, and fails later when forced', async () => {
  const { sim, prober } = world;

  const requested = await prober('POST', '/servers', await aServer(sim, prober, { host: 'nohost' }));
  const id = await create(sim, prober, { availability_zone: 'nova:nohost' });
  sim.clock.advance(5_000);

  expect(requested.status).toBe(400);
  expect(at(await prober('GET', `/servers/${id}`), 'server', 'fault', 'message')).toBe(
    'No valid host was found. No such host - host: nohost node: None ',
  );
});

test('Placement refuses a full host for both ways of pinning, and both together are refused', async () => {
  const { sim, prober } = world;
  const huge = { flavorRef: '9', host: 'cmp001' };

  const id = await create(sim, prober, huge);
  const both = { host: 'cmp001', availability_zone: 'nova:cmp001' };
  const refused = await prober('POST', '/servers', await aServer(sim, prober, both));
  sim.clock.advance(5_000);

  expect(at(await prober('GET', `/servers/${id}`), 'server', 'fault', 'message')).toBe(
    'No valid host was found. ',
  );
  expect(refused.status).toBe(400);
});
