import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { INPUT, run, startServers, type Servers } from '../contract/steps/world.ts';
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

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
/** A region that is as planned and published, in a cloud that keeps deleted servers for ten minutes. */
beforeEach(async () => {
  region = await startRegion(servers, { reclaimInstanceIntervalSeconds: 600 });
  await populate(region);
  const steps = region.activities();
  const { listed, planned } = await plan(steps);
  const input = { ...INPUT, plan: planned.plan, inventory: listed.inventory, proof: null, changed: false };
  await run(steps.uploadPeers, { ...INPUT, peers: (await run(steps.buildPeers, input)).document });
  await run(steps.rememberCreations, { ...INPUT, plan: planned.plan, failures: [] });
});
afterEach(() => region.close());

async function serverOn(host: string): Promise<string> {
  const [server] = await region.deps.openstack.compute.listServers({ host });
  if (server === undefined) throw new Error(`no server on ${host}`);
  return server.id;
}

async function statusOf(id: string): Promise<string | undefined> {
  return (await region.deps.openstack.compute.getServer(id))?.status;
}

/** Silences what will go and publishes what stays. */
async function publish({ planned, listed }: Planned) {
  const steps = region.activities();
  const input = { ...INPUT, plan: planned.plan, inventory: listed.inventory, proof: null, changed: true };
  await run(steps.openSilences, input);
  await run(steps.uploadPeers, { ...INPUT, peers: (await run(steps.buildPeers, input)).document });
  return input;
}

test('a probe that Nova keeps after its deletion is replaced at once', async () => {
  const id = await serverOn('cmp002');
  await region.deps.openstack.compute.deleteServer(id);
  await eventually(async () => (await statusOf(id)) === 'SOFT_DELETED', { describe: 'it is soft-deleted' });
  const steps = region.activities();

  const found = await plan(steps);
  await create(steps, found);

  expect(found.planned.counts).toMatchObject({ replace: 1, keep: 2 });
  expect(found.planned.changes).toMatchObject([
    { action: 'replace', reason: 'deleted, but Nova keeps it with its room (SOFT_DELETED)' },
  ]);
  expect(await awaitAll(steps, found)).toMatchObject({ standing: 1, failed: 0 });
});

test('a probe that Nova keeps is not forgotten by a pass that ends before it is gone', async () => {
  const id = await serverOn('cmp002');
  await region.deps.openstack.compute.deleteServer(id);
  await eventually(async () => (await statusOf(id)) === 'SOFT_DELETED', { describe: 'it is soft-deleted' });
  const steps = region.activities();
  const found = await plan(steps);
  await create(steps, found);
  await awaitAll(steps, found);
  await publish(found);

  const next = await plan(steps);

  expect(next.planned.counts).toMatchObject({ create: 0, keep: 3 });
  const input = await publish(next);
  expect(await run(steps.deleteProbes, input)).toMatchObject({ deleted: 1, failures: [] });
  expect(await statusOf(id)).toBeUndefined();
  await run(steps.rememberCreations, { ...INPUT, plan: next.planned.plan, failures: [] });
  expect((await plan(steps)).listed).toMatchObject({ probes: 3, unconfirmed: 0 });
});

test('a pass that is cancelled while Nova deletes leaves nothing that keeps its room', async () => {
  const id = await serverOn('cmp002');
  const { select } = region.deps.policy;
  const policy = { ...region.deps.policy, select: { ...select, exclude: ['cmp002.lab.example'] } };
  const input = await publish(await plan(region.activities({ policy })));
  const environment = new MockActivityEnvironment();
  const wait = { ...region.deps.wait, pollMs: 60_000 };
  const deleting = environment.run(region.activities({ wait }).deleteProbes, input);
  await eventually(async () => (await statusOf(id)) === 'SOFT_DELETED', { describe: 'it is soft-deleted' });
  environment.cancel();
  await expect(deleting).rejects.toThrow(CancelledFailure);

  const next = await publish(await plan(region.activities({ policy })));
  expect(await run(region.activities().deleteProbes, next)).toMatchObject({ deleted: 1, failures: [] });
  expect(await statusOf(id)).toBeUndefined();
  expect((await plan(region.activities({ policy }))).listed).toMatchObject({ probes: 2, unconfirmed: 0 });
});

test('what a pass deletes gives its room back, though Nova would keep it', async () => {
  const id = await serverOn('cmp002');
  const { select } = region.deps.policy;
  const policy = { ...region.deps.policy, select: { ...select, exclude: ['cmp002.lab.example'] } };
  const steps = region.activities({ policy });
  const input = await publish(await plan(steps));

  const deleted = await run(steps.deleteProbes, input);

  expect(deleted).toMatchObject({ deleted: 1, failures: [] });
  expect(await statusOf(id)).toBeUndefined();
  const asked = region.writes().map(({ method, path }) => `${method} ${path.split('/').at(-1)}`);
  expect(asked.slice(-2)).toEqual([`DELETE ${id}`, 'POST action']);
});
