import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { readMemory } from '../../src/activities/memory.ts';
import type { UnconfirmedProbe } from '../../src/domain/memory.ts';
import { ObjectStoreError } from '../../src/objectstore/error.ts';
import { INPUT, run, startServers, stepDeps, type Servers } from '../contract/steps/world.ts';
import { eventually } from '../support/await.ts';
import {
  awaitAll,
  create,
  plan,
  populate,
  startRegion,
  type Planned,
  type Region,
} from './support/region.ts';

let servers: Servers;
let region: Region;
let published: Awaited<ReturnType<typeof publish>>;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  region = await startRegion(servers, { hypervisors: [{}, { cell: 'cell2' }, {}] });
  await populate(region);
  published = await publish(await plan(region.activities()));
});
afterEach(() => region.close());

/** Publishes the peers of a pass, and tells what it would publish as targets. */
async function publish({ listed, planned }: Planned, changed = false) {
  const { buildPeers, buildTargets, uploadPeers } = region.activities();
  const { inventory } = listed;
  const input = { ...INPUT, plan: planned.plan, inventory, proof: null, changed };
  const { document, probes } = await run(buildPeers, input);
  const { written } = await run(uploadPeers, { ...INPUT, peers: document });
  const { document: targets } = await run(buildTargets, input);
  return { probes, written, targets: targets.sha256 };
}

test.each([
  ['a cell whose servers are left out', false, { keep: 2, defer: 1 }],
  ['a cell that is left out altogether', true, { keep: 2, defer: 0 }],
])(
  '%s keeps its published probe, and nothing is made or removed in its place',
  async (_, services, counts) => {
    const before = region.writes().length;
    region.sim.cells.down('cell2', { servers: true, services });

    const found = await plan(region.activities());
    await create(region.activities(), found);

    expect(found.listed).toMatchObject({ hypervisors: services ? 2 : 3, probes: 2, unlisted: 1 });
    expect(found.planned.counts).toEqual({
      create: 0,
      replace: 0,
      delete: 0,
      none: 0,
      reboot: 0,
      marks: 0,
      breaks: 0,
      ...counts,
    });
    expect(await publish(found)).toEqual({ ...published, probes: 3, written: false });
    expect(region.writes()).toHaveLength(before);
  },
);

test('a whole cell that is left out holds no pass, and the rest is repaired meanwhile', async () => {
  await region.close();
  const dead = Array.from({ length: 3 }, () => ({ cell: 'cell2' }));
  region = await startRegion(servers, { hypervisors: [{}, {}, {}, {}, ...dead] });
  await populate(region);
  await publish(await plan(region.activities()));
  region.sim.cells.down('cell2', { servers: true, services: true });
  const { compute } = region.deps.openstack;
  for (const { id } of await compute.listServers({ host: 'cmp001' })) await compute.deleteServer(id);
  await eventually(async () => (await compute.listServers({ host: 'cmp001' })).length === 0, {
    describe: 'the probe is gone',
  });

  const { listed, planned } = await plan(region.activities());

  expect(listed).toMatchObject({ hypervisors: 4, probes: 3, unlisted: 3 });
  expect(planned.counts).toMatchObject({ keep: 3, create: 1, delete: 0 });
  expect(planned.held).toEqual([]);
});

test.each([
  ['and its servers', true, { keep: 0, delete: 0, marks: 0 }],
  ['but its servers', false, { keep: 3, delete: 0, marks: 3 }],
])(
  'a list without any hypervisor %s is held, and costs no monitoring',
  async (_, areServersLeftOut, counts) => {
    for (const cell of ['cell1', 'cell2'])
      region.sim.cells.down(cell, { servers: areServersLeftOut, services: true });

    const found = await plan(region.activities());

    expect(found.listed).toMatchObject({ hypervisors: 0, unlisted: areServersLeftOut ? 3 : 0 });
    expect(found.planned.counts).toMatchObject(counts);
    expect(found.planned.held).toEqual([
      'Nova lists 0 hypervisors, fewer than half of the 3 that have probes',
    ]);
    expect(await publish(found)).toMatchObject({ probes: 3 });
  },
);

test('servers that are left out of the list alone are found one by one', async () => {
  region.sim.faults.add({ path: '/servers/detail', effect: { kind: 'truncatePage', keep: 1 } });

  const { listed, planned } = await plan(region.activities());

  expect(listed).toMatchObject({ probes: 3, unlisted: 0 });
  expect(planned.counts).toMatchObject({ keep: 3, create: 0, delete: 0 });
});

test('a cell that answers again has its probe as before', async () => {
  region.sim.cells.down('cell2', { servers: true, services: false });
  await plan(region.activities());
  region.sim.cells.up('cell2');

  const { listed, planned } = await plan(region.activities());

  expect(listed).toMatchObject({ probes: 3, unlisted: 0 });
  expect(planned.counts).toMatchObject({ keep: 3, create: 0, defer: 0 });
});

test('nothing of the region is destroyed while a published probe is left out and not confirmed to be gone', async () => {
  const { planDestruction } = region.activities();
  region.sim.cells.down('cell2', { servers: true, services: false });
  const before = { writes: region.writes().length, objects: await region.objects() };

  const refused = await run(planDestruction, { ...INPUT, forceDown: true }).catch((error: unknown) => error);

  expect(refused).toMatchObject({ type: 'conflict', nonRetryable: true });
  expect((refused as Error).message).toContain('neither lists 1 of the region');
  expect((refused as Error).message).toContain('of cmp002.lab.example');
  expect({ writes: region.writes().length, objects: await region.objects() }).toEqual(before);

  region.sim.cells.up('cell2');
  expect((await run(planDestruction, { ...INPUT, forceDown: false })).counts).toMatchObject({ delete: 3 });
});

test('a region of which Nova lists no hypervisor is destroyed only by somebody who says that none is left', async () => {
  const { planDestruction } = region.activities();
  for (const cell of ['cell1', 'cell2']) region.sim.cells.down(cell, { servers: false, services: true });

  const refused = await run(planDestruction, { ...INPUT, forceDown: false }).catch((error: unknown) => error);

  expect(refused).toMatchObject({ type: 'emptyListing', nonRetryable: true });
  expect((refused as Error).message).toContain('--force-down');
  expect((await run(planDestruction, { ...INPUT, forceDown: true })).counts).toMatchObject({ delete: 3 });
});

test('probes that somebody deleted by hand, as many as there were, keep no region from being destroyed', async () => {
  const { compute } = region.deps.openstack;
  for (const { id } of await compute.listServers({})) await compute.deleteServer(id);
  await eventually(async () => (await compute.listServers({})).length === 0, { describe: 'all are gone' });

  const planned = await run(region.activities().planDestruction, { ...INPUT, forceDown: false });

  expect(planned.counts).toMatchObject({ delete: 0, none: 3 });
  expect(planned.documents).toContain('peers/luxembourg.json in S3');
});

describe('a probe that is made while its cell is left out of the lists', () => {
  const UNSEEN = 'cmp002.lab.example';
  let made: readonly UnconfirmedProbe[];

  beforeEach(async () => {
    await region.close();
    region = await startRegion(servers, { hypervisors: [{}, { cell: 'cell2' }, {}] });
    region.sim.cells.down('cell2', { servers: true, services: false });
    made = [];
  });

  /** Makes what is missing, publishes and remembers it, as a pass does; its patience is short. */
  async function pass(name: string) {
    const wait = { ...region.deps.wait, buildMs: 1_000 };
    const steps = region.activities({ wait });
    const found = await plan(steps);
    const { listed, planned } = found;
    await create(steps, found);
    const awaited = await awaitAll(steps, found);
    const removed = await run(steps.removeHalfMade, { ...INPUT, plan: planned.plan, proof: null });
    await publish(found, true);
    await run(steps.rememberCreations, {
      ...INPUT,
      pass: name,
      plan: planned.plan,
      failures: awaited.failures,
    });
    ({ unconfirmed: made } = (await readMemory(stepDeps(region.deps))).memory);
    return { listed, counts: planned.counts, awaited, removed: removed.removed };
  }

  test('is told as a failure that names its server, and is not made a second time', async () => {
    const first = await pass('first');
    const before = region.writes().length;

    const second = await pass('second');

    expect(first.awaited.failures).toMatchObject([
      { hypervisor: UNSEEN, step: 'build', kind: 'unavailable' },
    ]);
    expect(first.awaited.failures[0]?.message).toContain(`Nova accepted it as ${made[0]?.serverId} `);
    expect(first.removed).toBe(0);
    expect(second.listed.unconfirmed).toBe(1);
    expect(second.counts).toMatchObject({ create: 0, keep: 2, defer: 1 });
    expect(region.writes()).toHaveLength(before);
    expect(made).toMatchObject([{ hypervisor: UNSEEN }]);
  });

  test('is not made a second time after a pass that ended as soon as it was made', async () => {
    const steps = region.activities();
    await create(steps, await plan(steps));

    const { changes } = (await plan(steps)).planned;
    expect(changes.find(({ hypervisor }) => hypervisor === UNSEEN)).toMatchObject({ action: 'defer' });
  });

  /** What makes all that a plan wants. */
  async function creation(steps: ReturnType<Region['activities']>) {
    const { planned } = await plan(steps);
    const spec = await run(steps.prepareCreation, { ...INPUT, plan: planned.plan });
    return { ...INPUT, plan: planned.plan, spec, from: 0, to: 3 };
  }

  test('is not made a second time by a pass that planned it before an ended one remembered it', async () => {
    const steps = region.activities();
    const input = await creation(steps);
    await run(steps.createProbes, input);

    await run(steps.createProbes, { ...input, pass: 'next' });

    expect(region.sim.servers()).toHaveLength(3);
  });

  test('is remembered although S3 doesn’t answer at first', async () => {
    const { artifacts } = region.deps;
    let refusals = 3;
    const steps = region.activities({
      artifacts: {
        ...artifacts,
        putObject: async (key, ...rest) => {
          if (key.includes('/memory/') && refusals > 0) {
            refusals -= 1;
            throw new ObjectStoreError({ code: 'unavailable', effect: 'none', message: 'away' });
          }
          return await artifacts.putObject(key, ...rest);
        },
      },
    });

    await run(steps.createProbes, await creation(steps));

    expect((await readMemory(stepDeps(region.deps))).memory.unconfirmed).toHaveLength(3);
  });

  test('is not made a second time by a further attempt, after one that failed at another one', async () => {
    const steps = region.activities();
    const input = await creation(steps);
    const effect = { kind: 'status', status: 503 } as const;
    region.sim.faults.add({ method: 'POST', path: '/servers$', nth: 3, effect });
    await expect(run(steps.createProbes, input)).rejects.toThrow('503');

    await run(steps.createProbes, input, { attempt: 2 });

    expect(region.sim.servers()).toHaveLength(3);
  });

  test('is adopted when its cell answers again', async () => {
    await pass('first');
    region.sim.cells.up('cell2');

    const { counts } = await pass('second');

    expect(counts).toMatchObject({ create: 0, keep: 3, defer: 0 });
    expect(made).toEqual([]);
    expect(await region.serverHosts()).toEqual(['cmp001', 'cmp002', 'cmp003']);
  });

  test('is made anew when Nova says that it is gone', async () => {
    await pass('first');
    region.sim.cells.up('cell2');
    const { compute } = region.deps.openstack;
    for (const { serverId } of made) {
      await compute.deleteServer(serverId);
      await eventually(async () => (await compute.getServer(serverId)) === undefined, {
        describe: 'the server is gone',
      });
    }

    const { counts, awaited } = await pass('second');

    expect(counts).toMatchObject({ create: 1, keep: 2 });
    expect(awaited.failures).toEqual([]);
    expect(made).toEqual([]);
  });
});

test('a new probe that answers to its id while lists leave it out is not made a second time', async () => {
  await region.close();
  region = await startRegion(servers, { hypervisors: [{}] });
  region.sim.faults.add({ path: '/servers/detail', effect: { kind: 'truncatePage', keep: 0 } });
  const steps = region.activities({ wait: { ...region.deps.wait, buildMs: 500 } });
  const found = await plan(steps);
  await create(steps, found);
  const { failures } = await awaitAll(steps, found);
  await run(steps.rememberCreations, { ...INPUT, plan: found.planned.plan, failures });

  const { listed, planned } = await plan(steps);

  expect(listed).toMatchObject({ probes: 1, unconfirmed: 1 });
  expect(planned.counts).toMatchObject({ create: 0, keep: 1 });
});

test('a new probe that stood in a pass that published nothing is not made a second time when lists leave it out', async () => {
  await region.close();
  region = await startRegion(servers, { hypervisors: [{}, { cell: 'cell2' }, {}] });
  const steps = region.activities();
  const found = await plan(steps);
  await create(steps, found);
  await awaitAll(steps, found);
  const input = { ...INPUT, plan: found.planned.plan };
  await run(steps.rememberCreations, { ...input, failures: [], tried: 'make-before-break' });
  region.sim.cells.down('cell2', { servers: true, services: false });

  const next = await plan(steps);

  expect(next.planned.counts).toMatchObject({ create: 0, keep: 2, defer: 1 });
  region.sim.cells.up('cell2');
  await publish(await plan(steps));
  await run(steps.rememberCreations, { ...input, failures: [] });
  expect((await readMemory(stepDeps(region.deps))).memory.unconfirmed).toEqual([]);
});

test('a probe that was let go of, and not deleted, is not made a second time when lists leave it out', async () => {
  const { select } = region.deps.policy;
  const exclude = ['cmp002.lab.example'];
  const excluding = { policy: { ...region.deps.policy, select: { ...select, exclude } } };
  const leaving = await plan(region.activities(excluding));
  expect(leaving.planned.counts).toMatchObject({ delete: 1 });
  await publish(leaving);
  region.sim.cells.down('cell2', { servers: true, services: false });

  const { planned } = await plan(region.activities());

  expect(planned.counts).toMatchObject({ create: 0, keep: 2, defer: 1 });
});

test('slices of a pass that are made side by side are all remembered', async () => {
  await region.close();
  region = await startRegion(servers, { hypervisors: Array.from({ length: 10 }, () => ({})) });
  const steps = region.activities();
  const { planned } = await plan(steps);
  const spec = await run(steps.prepareCreation, { ...INPUT, plan: planned.plan });

  await Promise.all(
    Array.from({ length: 10 }, (_, from) =>
      run(steps.createProbes, { ...INPUT, plan: planned.plan, spec, from, to: from + 1 }),
    ),
  );

  const { memory } = await readMemory(stepDeps(region.deps));
  const made = region.sim.servers().map(({ id }) => id);
  expect(memory.unconfirmed.map(({ serverId }) => serverId).toSorted()).toEqual(made.toSorted());
  expect(made).toHaveLength(10);
});
