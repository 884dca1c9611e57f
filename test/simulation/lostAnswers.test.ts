import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { failureOf, INPUT, run, startServers, type Servers } from '../contract/steps/world.ts';
import { eventually } from '../support/await.ts';
import { awaitAll, create, plan, populate, startRegion, type Region } from './support/region.ts';

const CREATE = { service: 'nova', method: 'POST', path: '/servers$' };
const HOSTS = ['cmp001', 'cmp002', 'cmp003'];
/** How an answer gets lost on its way, though what was asked for was done. */
const AFTER_EFFECT = [
  ['a reset', { kind: 'resetAfterEffect' }],
  ['a hang', { kind: 'hangAfterEffect' }],
  ['a 408 of a proxy', { kind: 'statusAfterEffect', status: 408 }],
  ['a 500', { kind: 'statusAfterEffect', status: 500 }],
  ['a 502 of a proxy', { kind: 'statusAfterEffect', status: 502 }],
  ['a 504 of a proxy', { kind: 'statusAfterEffect', status: 504 }],
] as const;

let servers: Servers;
let region: Region;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  region = await startRegion(servers, {}, 3_000);
});
afterEach(() => region.close());

/** Requests for a change at Nova, without their answers. */
function changes(method: string): readonly string[] {
  return region
    .writes()
    .filter((request) => request.method === method)
    .map(({ path }) => path);
}

test('creates whose answers are all lost after their effect make one server a hypervisor', async () => {
  const steps = region.activities();
  const found = await plan(steps);
  region.sim.faults.add({ ...CREATE, effect: { kind: 'resetAfterEffect' } });

  await create(steps, found);

  expect(await awaitAll(steps, found)).toMatchObject({ standing: 3, failed: 0 });
  expect(await region.serverHosts()).toEqual(HOSTS);
});

test('a worker that stood still while another one made the probes makes none of them once more', async () => {
  const steps = region.activities();
  const found = await plan(steps);
  const { openstack } = region.deps;
  let stoodMs = 0;
  const now = performance.now.bind(performance);
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + stoodMs);
  const frozen = region.activities({
    openstack: {
      ...openstack,
      compute: {
        ...openstack.compute,
        listServers: async (...query) => {
          const seen = await openstack.compute.listServers(...query);
          if (stoodMs === 0) await create(steps, found);
          stoodMs = 24_000;
          return seen;
        },
      },
    },
  });

  const failed = await failureOf(create(frozen, found), []);
  clock.mockRestore();

  expect(failed).toMatchObject({ type: 'timeout', nonRetryable: false });
  expect(await awaitAll(steps, found)).toMatchObject({ standing: 3, failed: 0 });
  expect(await region.serverHosts()).toEqual(HOSTS);
  expect(changes('POST')).toHaveLength(3);
});

test('a further attempt looks at nothing while an earlier one may still be under way', async () => {
  const steps = region.activities();
  const found = await plan(steps);
  const spec = await run(steps.prepareCreation, { ...INPUT, plan: found.planned.plan });
  const input = { ...INPUT, plan: found.planned.plan, spec, from: 0, to: 3 };
  const mark = region.sim.requests.mark();
  const attempt = new MockActivityEnvironment({ attempt: 2 });
  const told: unknown[] = [];
  attempt.on('heartbeat', (detail) => told.push(detail));

  const ended = attempt.run(steps.createProbes, input).catch((reason: unknown) => reason);
  await eventually(() => told.some((detail) => /waits until no earlier attempt/.test(String(detail))), {
    describe: 'the attempt to say that it waits',
  });
  attempt.cancel();

  expect(await ended).toBeInstanceOf(CancelledFailure);
  expect(region.sim.requests.since(mark)).toEqual([]);
});

test('a create that breaks before its effect fails after the build time, and the next pass makes exactly one', async () => {
  const steps = region.activities();
  const found = await plan(steps);
  region.sim.faults.add({ ...CREATE, nth: 2, effect: { kind: 'resetBeforeEffect' } });

  const made = await create(steps, found);
  await eventually(
    async () => {
      const all = await region.deps.openstack.compute.listServers({});
      return all.filter(({ status }) => status === 'ACTIVE').length === 2;
    },
    { describe: 'the two other servers are ACTIVE' },
  );
  const awaited = await awaitAll(steps, found, Date.now() - region.deps.wait.buildMs);
  const next = await plan(steps);
  await create(steps, next);

  expect(made.failures).toEqual([]);
  expect(awaited).toMatchObject({
    standing: 2,
    failed: 1,
    failures: [{ hypervisor: 'cmp002.lab.example', step: 'build', kind: 'buildFailed' }],
  });
  expect(next.planned.counts).toMatchObject({ create: 1, keep: 2, delete: 0 });
  expect(await awaitAll(steps, next)).toMatchObject({ standing: 1, created: 1, failed: 0 });
  expect(await region.serverHosts()).toEqual(HOSTS);
});

test('a create that was refused with a 503 is retryable, and the repeated step adopts what it made before', async () => {
  const steps = region.activities();
  const found = await plan(steps);
  const effect = { kind: 'status', status: 503, retryAfterSeconds: 4 };
  region.sim.faults.add({ ...CREATE, nth: 2, effect });

  const failed = await failureOf(create(steps, found), []);
  await create(steps, found);

  expect(failed).toMatchObject({ type: 'unavailable', nonRetryable: false, nextRetryDelay: 4_000 });
  expect(await awaitAll(steps, found)).toMatchObject({ standing: 3, failed: 0 });
  expect(await region.serverHosts()).toEqual(HOSTS);
});

test.each(AFTER_EFFECT)(
  'a create that is answered by %s after its effect makes no second server',
  async (_what, effect) => {
    const steps = region.activities();
    const found = await plan(steps);
    region.sim.faults.add({ ...CREATE, nth: 2, effect });

    const made = await create(steps, found);
    const repeated = await create(steps, found);

    expect([made.failures, repeated.failures]).toEqual([[], []]);
    expect(await awaitAll(steps, found)).toMatchObject({ standing: 3, failed: 0 });
    expect(await region.serverHosts()).toEqual(HOSTS);
    expect(changes('POST')).toHaveLength(3);
  },
);

test.each(AFTER_EFFECT)(
  'a delete that is answered by %s after its effect is a success when the step runs again',
  async (what, effect) => {
    await populate(region);
    const { select } = region.deps.policy;
    const policy = { ...region.deps.policy, select: { ...select, exclude: ['cmp002.lab.example'] } };
    const steps = region.activities({ policy });
    const { planned } = await plan(steps);
    const input = { ...INPUT, plan: planned.plan, proof: null };
    await run(steps.openSilences, input);
    region.sim.faults.add({ method: 'DELETE', count: 1, effect });

    const failed = await failureOf(run(steps.deleteProbes, input), []);
    await eventually(async () => (await region.serverHosts()).length === 2, {
      describe: 'the server is gone',
    });
    const deleted = await run(steps.deleteProbes, input);

    expect(planned.counts).toMatchObject({ delete: 1, keep: 2 });
    expect(failed).toMatchObject({
      type: /hang|408|504/.test(what) ? 'timeout' : 'unavailable',
      nonRetryable: false,
    });
    expect(deleted).toMatchObject({ deleted: 1, replaced: 0, failures: [] });
    expect(await region.serverHosts()).toEqual(['cmp001', 'cmp003']);
    expect(changes('DELETE')).toHaveLength(1);
  },
);
