import { afterEach, beforeEach, expect, test } from 'vitest';
import { at, create, signIn, startManual } from './support/sim.ts';

let world: Awaited<ReturnType<typeof startManual>>;
beforeEach(async () => {
  const hypervisors = [{}, { cell: 'cell2' }, {}];
  world = await startManual({ hypervisors, maxLimit: 2 });
});
afterEach(async () => world.sim.stop());

const names = (answer: Parameters<typeof at>[0]): string[] =>
  (at(answer, 'servers') as { name: string }[]).map(({ name }) => name);

test('servers are listed newest first, and a limit over the maximum is capped', async () => {
  const { sim, prober } = world;
  for (const name of ['a', 'b', 'c']) await create(sim, prober, { name, host: 'cmp001' });

  const first = await prober('GET', '/servers/detail?limit=100');
  const second = await prober('GET', at(first, 'servers_links', 0, 'href') as string);

  expect([names(first), names(second)]).toEqual([['c', 'b'], ['a']]);
  expect(at(second, 'servers_links')).toBeUndefined();
});

test('filters select by tag, host and status, and an unknown one is refused', async () => {
  const { sim, prober } = world;
  await create(sim, prober, { name: 'a', host: 'cmp001', tags: ['x', 'y'] });
  await create(sim, prober, { name: 'b', host: 'cmp003', tags: ['x'] });
  sim.clock.advance(5_000);

  expect(names(await prober('GET', '/servers/detail?tags=x,y'))).toEqual(['a']);
  expect(names(await prober('GET', '/servers/detail?not-tags=y'))).toEqual(['b']);
  expect(names(await prober('GET', '/servers/detail?host=cmp003&status=ACTIVE'))).toEqual(['b']);
  expect((await prober('GET', '/servers/detail?metadata=x')).status).toBe(400);
  expect((await prober('GET', '/servers/detail?foo=bar')).status).toBe(400);
});

test("a down cell's servers are missing from lists with a 200, and UNKNOWN when asked for", async () => {
  const { sim, prober } = world;
  const id = await create(sim, prober, { name: 'a', host: 'cmp002', tags: ['x'] });
  sim.clock.advance(5_000);
  sim.cells.down('cell2', { servers: true, services: true });

  const list = await prober('GET', '/servers/detail?tags=x');
  const hypervisors = await prober('GET', '/os-hypervisors?limit=2');

  expect([list.status, names(list)]).toEqual([200, []]);
  expect(at(await prober('GET', `/servers/${id}`), 'server', 'status')).toBe('UNKNOWN');
  expect((await prober('GET', `/servers/${id}`, undefined, '2.60')).status).toBe(500);
  expect((at(hypervisors, 'hypervisors') as unknown[]).length).toBe(2);
  sim.cells.up('cell2');
  expect(names(await prober('GET', '/servers/detail?tags=x'))).toEqual(['a']);
});

test('who is no administrator sees neither hosts nor what belongs to others', async () => {
  const { sim, prober } = world;
  const id = await create(sim, prober, { host: 'cmp001' });
  sim.clock.advance(5_000);
  const plain = await signIn(sim, 'plain', 'tenant');
  const viewer = await signIn(sim, 'viewer', 'probes');

  expect((await plain('GET', `/servers/${id}`)).status).toBe(404);
  expect((await plain('GET', '/servers/detail?all_tenants=1')).body).toEqual({
    forbidden: {
      code: 403,
      message: "Policy doesn't allow os_compute_api:servers:detail:get_all_tenants to be performed.",
    },
  });
  expect((await plain('GET', '/os-hypervisors/detail')).status).toBe(403);
  expect(at(await viewer('GET', '/servers/detail'), 'servers', 0)).not.toHaveProperty('OS-EXT-SRV-ATTR:host');
});

test('a killed compute is up until the service_down_time, and a migrated server keeps its address', async () => {
  const { sim, prober } = world;
  const id = await create(sim, prober, { host: 'cmp001' });
  sim.clock.advance(5_000);
  const before = at(await prober('GET', `/servers/${id}`), 'server', 'addresses');
  const states = async () => {
    const answer = await prober('GET', '/os-services?host=cmp003');
    return at(answer, 'services', 0, 'state');
  };

  sim.killCompute('cmp003');
  const seen = [await states()];
  await prober('POST', `/servers/${id}/action`, {
    'os-migrateLive': { host: 'cmp002', block_migration: 'auto' },
  });
  seen.push(at(await prober('GET', `/servers/${id}`), 'server', 'status'));
  sim.clock.advance(60_000);
  seen.push(await states());

  const after = await prober('GET', `/servers/${id}`);
  expect(seen).toEqual(['up', 'MIGRATING', 'down']);
  expect(at(after, 'server', 'OS-EXT-SRV-ATTR:host')).toBe('cmp002');
  expect(at(after, 'server', 'addresses')).toEqual(before);
});

test('a host without libvirt is up, and disabled with a reason that names Nova as who did it', async () => {
  const { sim, prober } = world;
  sim.loseLibvirt('cmp001');

  const answer = await prober('GET', '/os-services?host=cmp001&binary=nova-compute');

  expect(at(answer, 'services', 0)).toMatchObject({
    state: 'up',
    status: 'disabled',
    disabled_reason: expect.stringMatching(/^AUTO: /) as string,
  });
});
