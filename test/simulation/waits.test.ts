import { afterEach, beforeEach, expect, test } from 'vitest';
import { MEASURED_TIMES } from '../../lab/openstack-sim/index.ts';
import { OBSERVER } from '../../lab/openstack-sim/http/requestLog.ts';
import { eventually } from '../support/await.ts';
import { at, create, startManual, type Seen } from './support/sim.ts';

const MESSAGING_TIMEOUT = "<class 'oslo_messaging.exceptions.MessagingTimeout'>";

let world: Awaited<ReturnType<typeof startManual>>;
beforeEach(async () => {
  world = await startManual({ hypervisors: 2 });
});
afterEach(async () => world.sim.stop());

/** Asks for something that waits; gives what came of it 1 ms before and at the end of the time. */
async function seenAround(waitMs: number, ask: () => Promise<Seen>): Promise<[early: unknown, answer: Seen]> {
  const { clock } = world.sim;
  const before = clock.scheduled();
  let early: Seen | 'nothing yet' = 'nothing yet';
  const answer = ask();
  void answer.then((seen) => (early = seen));
  await eventually(() => clock.scheduled() > before, { describe: 'the request waits' });

  clock.advance(waitMs - 1);
  // An answer of before would be here before this one.
  await world.prober('GET', '/flavors');
  const atFirst = early;
  clock.advance(1);
  return [atFirst, await answer];
}

test('a slow answer comes when its time has passed in the simulation', async () => {
  const { sim, prober } = world;
  sim.faults.add({ path: '/limits', effect: { kind: 'slow', ms: 7_000 } });

  const [early, { status }] = await seenAround(7_000, () => prober('GET', '/limits'));

  expect([early, status]).toEqual(['nothing yet', 200]);
});

test('a cloud that was told a real one’s answer times takes as long', async () => {
  const { sim, prober } = world;
  sim.applyScenario({ http: MEASURED_TIMES });
  const listing = () => prober('GET', '/os-hypervisors/detail');
  const before = sim.clock.scheduled();
  let early: Seen | 'nothing yet' = 'nothing yet';

  const answer = listing();
  void answer.then((seen) => (early = seen));
  await eventually(() => sim.clock.scheduled() > before, { describe: 'the listing waits' });
  sim.clock.advance(599);
  // Observers don't wait; an answer of before would be here before theirs.
  await fetch(sim.origins.nova, { headers: { 'user-agent': OBSERVER } });
  const atFirst = early;
  sim.clock.advance(1);

  expect([atFirst, (await answer).status]).toEqual(['nothing yet', 200]);
});

test('a request that hangs is never answered, while others are', async () => {
  const { sim, prober } = world;
  const mark = sim.requests.mark();
  sim.faults.add({ path: '/limits', count: 1, effect: { kind: 'hang' } });
  let end = 'none';

  const hanging = prober('GET', '/limits').catch(() => (end = 'cut'));
  await eventually(() => sim.requests.since(mark).length === 1, { describe: 'the request has come in' });
  sim.clock.advance(600_000);
  const { status } = await prober('GET', '/limits');

  expect([status, end]).toEqual([200, 'none']);
  expect(sim.requests.since(mark)[0]).toMatchObject({ path: '/v2.1/limits', status: 0 });
  await sim.stop();
  expect(await hanging).toBe('cut');
});

test('diagnostics on a dead host are a 500 after a minute', async () => {
  const { sim, prober } = world;
  const id = await create(sim, prober, { host: 'cmp001' });
  sim.clock.advance(3_000);
  sim.killCompute('cmp001');

  const [early, answer] = await seenAround(60_000, () => prober('GET', `/servers/${id}/diagnostics`));

  expect([early, answer.status]).toEqual(['nothing yet', 500]);
  expect(at(answer, 'computeFault', 'message')).toContain(MESSAGING_TIMEOUT);
});

test('from 2.88 on a listing of hypervisors hangs for a minute on one that is dead and not yet marked', async () => {
  const { sim, prober } = world;
  const list = (minor: string) => () => prober('GET', '/os-hypervisors/detail', undefined, minor);
  sim.killCompute('cmp001');

  const old = await list('2.87')();
  const [early, answer] = await seenAround(60_000, list('2.88'));
  const marked = await list('2.88')();

  expect([old.status, early, answer.status, marked.status]).toEqual([200, 'nothing yet', 500, 200]);
  expect(at(answer, 'computeFault', 'message')).toContain(MESSAGING_TIMEOUT);
  expect(at(marked, 'hypervisors', 0, 'state')).toBe('down');
});
