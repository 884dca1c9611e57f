import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../support/await.ts';
import { at, aServer, create, startManual } from './support/sim.ts';

let world: Awaited<ReturnType<typeof startManual>>;
beforeEach(async () => {
  world = await startManual({ hypervisors: 2 });
});
afterEach(async () => world.sim.stop());

test.each([
  ['spawn_error', 1],
  ['bind_fail', 1],
  ['build_abort', 0],
])('after %s the server is in ERROR on no host, with %i port', async (fault, ports) => {
  const { sim, prober } = world;
  const id = await create(sim, prober, { host: 'cmp001', metadata: { sim_fault: fault } });

  sim.clock.advance(5_000);

  const seen = await prober('GET', `/servers/${id}`);
  expect(at(seen, 'server', 'status')).toBe('ERROR');
  expect(at(seen, 'server', 'OS-EXT-SRV-ATTR:host')).toBeNull();
  const list = await prober('GET', `${sim.origins.neutron}/v2.0/ports?device_id=${id}`);
  expect(at(list, 'ports')).toHaveLength(ports);
});

test('an answer that is lost after its effect leaves a server behind', async () => {
  const { sim, prober } = world;
  const body = await aServer(sim, prober, { host: 'cmp001' });
  sim.applyScenario({
    http: [{ method: 'POST', path: '/servers$', count: 1, effect: { kind: 'resetAfterEffect' } }],
  });

  await expect(prober('POST', '/servers', body)).rejects.toThrow();

  expect(at(await prober('GET', '/servers'), 'servers')).toHaveLength(1);
});

test.each([
  ['hang', 0],
  ['hangAfterEffect', 1],
])('a create that never gets its answer, by %s, leaves %i servers behind', async (kind, count) => {
  const { sim, prober } = world;
  const body = await aServer(sim, prober, { host: 'cmp001' });
  sim.faults.add({ method: 'POST', path: '/servers$', effect: { kind } });
  const mark = sim.requests.mark();
  let isAnswered = false;
  void prober('POST', '/servers', body).then(
    () => (isAnswered = true),
    () => undefined,
  );

  await eventually(() => sim.requests.since(mark).length === 1, { describe: 'the request to be heard' });

  expect(at(await prober('GET', '/servers'), 'servers')).toHaveLength(count);
  expect(isAnswered).toBe(false);
});

test.each([408, 500, 502, 504])(
  'an answer that a proxy makes a %i after its effect leaves a server behind',
  async (status) => {
    const { sim, prober } = world;
    const body = await aServer(sim, prober, { host: 'cmp001' });
    sim.faults.add({ method: 'POST', path: '/servers$', effect: { kind: 'statusAfterEffect', status } });

    expect(await prober('POST', '/servers', body)).toMatchObject({ status });

    expect(at(await prober('GET', '/servers'), 'servers')).toHaveLength(1);
  },
);

test('a rule breaks only the request that it names', async () => {
  const { sim, prober } = world;
  const effect = { kind: 'status', status: 429, retryAfterSeconds: 3 };
  sim.faults.add({ service: 'nova', path: '/flavors', nth: 2, effect });

  const answers = [];
  for (let turn = 0; turn < 3; turn += 1) {
    const { status, headers } = await prober('GET', '/flavors');
    answers.push(`${status} ${String(headers.get('retry-after'))}`);
  }

  expect(answers).toEqual(['200 null', '429 3', '200 null']);
});

test.each([
  [404, 'text/html', undefined],
  [408, 'text/html', undefined],
  [409, 'application/json', { code: 409, message: expect.any(String) as string }],
  [413, 'text/html', undefined],
])('a %i is as %s', async (status, contentType, conflict) => {
  const { sim, prober } = world;
  const id = await create(sim, prober, { host: 'cmp001' });
  sim.faults.add({ path: '/servers/', effect: { kind: 'status', status } });

  const answer = await prober('GET', `/servers/${id}`);

  expect([answer.status, answer.headers.get('content-type')]).toEqual([status, contentType]);
  expect(at(answer, 'conflictingRequest')).toEqual(conflict);
});

test('a page can lie by leaving servers out with a 200', async () => {
  const { sim, prober } = world;
  await create(sim, prober, { host: 'cmp001' });
  sim.faults.add({ path: '/servers/detail', effect: { kind: 'truncatePage', keep: 0 } });

  const answer = await prober('GET', '/servers/detail');

  expect(answer).toMatchObject({ status: 200, body: { servers: [] } });
});

test('what is not modelled is answered 501 and remembered', async () => {
  const { sim, prober } = world;

  const statuses = [
    (await prober('GET', '/os-keypairs')).status,
    (await prober('GET', '/servers/detail?sort_key=uuid')).status,
    (await prober('GET', `${sim.origins.placement}/resource_providers`)).status,
  ];

  expect(statuses).toEqual([501, 501, 501]);
  expect(sim.unknown).toEqual([
    'nova: GET /v2.1/os-keypairs',
    'nova: GET /v2.1/servers/detail?sort_key=uuid: query parameter sort_key',
    'placement: GET /resource_providers',
  ]);
});
