import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { readMemory } from '../../src/activities/memory.ts';
import type { UnconfirmedProbe } from '../../src/domain/memory.ts';
import { INPUT, run, startServers, stepDeps, type Servers } from '../contract/steps/world.ts';
import { eventually } from '../support/await.ts';
import { create, plan, populate, startRegion, type Planned, type Region } from './support/region.ts';

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

/** Publishes the peers of a pass that changes nothing, and tells what it would publish as targets. */
async function publish({ listed, planned }: Planned) {
  const { buildPeers, buildTargets, uploadPeers } = region.activities();
  const { inventory } = listed;
  const input = { ...INPUT, plan: planned.plan, inventory, proof: null, changed: false };
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
  expect(planned.documents).toEqual(['peers/luxembourg.json in S3']);
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

  /** Makes what is missing and remembers it, as a pass does; its patience is short. */
  async function pass(name: string) {
    const wait = { ...region.deps.wait, buildMs: 1_000 };
    const steps = region.activities({ wait });
    const found = await plan(steps);
    const { listed, planned } = found;
    const { accepted } = await create(steps, found);
    const awaited = await run(steps.awaitProbes, {
      ...INPUT,
      plan: planned.plan,
      refused: [],
      sinceMs: Date.now(),
      ...(accepted === undefined ? {} : { accepted: [accepted] }),
    });
    const removed = await run(steps.removeHalfMade, { ...INPUT, plan: planned.plan, proof: null });
    await run(steps.rememberCreations, {
      ...INPUT,
      pass: name,
      plan: planned.plan,
      failures: awaited.failures,
      ...(awaited.unconfirmed === undefined ? {} : { unconfirmed: [awaited.unconfirmed] }),
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

  test('is not made a second time after a pass that ended in the midst of the wait for it', async () => {
    const steps = region.activities();
    const found = await plan(steps);
    const { accepted } = await create(steps, found);
    if (accepted === undefined) throw new Error('nothing was accepted');
    const environment = new MockActivityEnvironment();
    const waiting = environment.run(steps.awaitProbes, {
      ...INPUT,
      plan: found.planned.plan,
      refused: [],
      sinceMs: Date.now(),
      accepted: [accepted],
    });
    await eventually(async () => (await readMemory(stepDeps(region.deps))).memory.unconfirmed.length > 0, {
      describe: 'it is remembered',
    });
    environment.cancel();
    await expect(waiting).rejects.toThrow();

    expect((await plan(steps)).planned.counts).toMatchObject({ create: 0, keep: 2, defer: 1 });
  });

  test('is not made a second time after a pass that ended before it waited for it', async () => {
    const steps = region.activities();
    const found = await plan(steps);
    const { accepted } = await create(steps, found);
    if (accepted === undefined) throw new Error('nothing was accepted');
    await run(steps.removeHalfMade, {
      ...INPUT,
      plan: found.planned.plan,
      proof: null,
      waits: false,
      accepted: [accepted],
    });

    const { changes } = (await plan(steps)).planned;
    expect(changes.find(({ hypervisor }) => hypervisor === UNSEEN)).toMatchObject({ action: 'defer' });
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
  const { accepted } = await create(steps, found);
  if (accepted === undefined) throw new Error('nothing was accepted');
  const input = { ...INPUT, plan: found.planned.plan };
  const awaited = { ...input, refused: [], sinceMs: Date.now(), accepted: [accepted] };
  const { failures, unconfirmed } = await run(steps.awaitProbes, awaited);
  if (unconfirmed === undefined) throw new Error('nothing is unconfirmed');
  await run(steps.rememberCreations, { ...input, failures, unconfirmed: [unconfirmed] });

  const { listed, planned } = await plan(steps);

  expect(listed).toMatchObject({ probes: 1, unconfirmed: 1 });
  expect(planned.counts).toMatchObject({ create: 0, keep: 1 });
});
