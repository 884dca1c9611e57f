import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { Activities } from '../../src/activities/index.ts';
import { readMemory } from '../../src/activities/memory.ts';
import { INPUT, run, startServers, stepDeps, type Servers } from '../contract/steps/world.ts';
import { eventually } from '../support/await.ts';
import { awaitAll, create, plan, populate, startRegion, type Region } from './support/region.ts';

const HOSTS = ['cmp001', 'cmp002', 'cmp003', 'cmp004', 'cmp005'];

let servers: Servers;
let region: Region;
let passes: number;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
/** A region whose probes are all outdated by a change of the configuration, on hosts that build nothing any more. */
beforeEach(async () => {
  region = await startRegion(servers, { hypervisors: HOSTS.length });
  await populate(region);
  for (const host of HOSTS) region.sim.setFault(host, { spawn_error: 'out of luck' });
  passes = 0;
});
afterEach(() => region.close());

/** Nobody scrapes the probes here, so a first one of the revision gets no time in which others wait for its answer. */
function steps(): Activities {
  const { probe, policy } = region.deps;
  return region.activities({
    probe: { ...probe, publicTargets: ['192.0.2.1'] },
    policy: { ...policy, bootMs: 0 },
  });
}

/** Plans, makes, removes what failed, and remembers, as a pass does; gives the plan's reasons and its failures. */
async function pass() {
  const activities = steps();
  const found = await plan(activities);
  const { planned } = found;
  const refused = await create(activities, found);
  const built = await awaitAll(activities, found);
  const failures = [...refused.failures, ...built.failures];
  await run(activities.removeHalfMade, { ...INPUT, plan: planned.plan, proof: null });
  const input = { ...INPUT, pass: `pass-${++passes}`, plan: planned.plan, failures };
  await run(activities.rememberCreations, input);
  return { counts: planned.counts, failures };
}

async function reasons(): Promise<readonly string[]> {
  const { planned } = await plan(steps());
  const stored = await region.store.getObject(planned.plan.key, { maxBytes: 1_000_000 });
  const { entries } = JSON.parse(stored?.body ?? '') as {
    entries: { action: string; reason: { text: string } }[];
  };
  return entries.map(({ action, reason }) => `${action}: ${reason.text}`);
}

test('a revision that can’t be built is tried on three hypervisors, then no more, until a probe of it comes up', async () => {
  const tried = [await pass(), await pass(), await pass()];
  const fourth = await pass();

  expect(tried.map(({ counts }) => counts.replace)).toEqual([1, 1, 1]);
  const failed = tried.flatMap(({ failures }) => failures.map(({ hypervisor }) => hypervisor.split('.')[0]));
  expect(failed).toEqual(HOSTS.slice(0, 3));
  expect(fourth.counts).toMatchObject({ replace: 0, keep: HOSTS.length });
  expect((await reasons()).at(-1)).toMatch(
    /^keep: .*the roll-out has stopped after 3 failures \(build failed\)/,
  );
  expect(await region.serverHosts()).toEqual(HOSTS);

  for (const host of HOSTS) region.sim.clearFault(host);
  const [last] = await region.deps.openstack.compute.listServers({ host: 'cmp004' });
  await region.deps.openstack.compute.deleteServer(last?.id ?? '');
  await eventually(async () => (await region.serverHosts()).length === 4, { describe: 'it is gone' });

  expect((await pass()).counts).toMatchObject({ create: 1, replace: 0 });
  // Those on which it has failed have their turn later.
  expect((await pass()).counts).toMatchObject({ replace: 1, keep: 4 });
});

test('a successor that stands is no success of the roll-out before its proof', async () => {
  await pass();
  for (const host of HOSTS) region.sim.clearFault(host);
  const activities = steps();
  const found = await plan(activities);
  await create(activities, found);
  expect(await awaitAll(activities, found)).toMatchObject({ standing: 1 });
  const rollout = async () => (await readMemory(stepDeps(region.deps))).memory.rollout;
  const input = { ...INPUT, pass: 'pass-2', plan: found.planned.plan, failures: [] };

  await run(activities.rememberCreations, { ...input, tried: 'make-before-break' });

  expect(await rollout()).toMatchObject({ failures: [{ kind: 'buildFailed', count: 1 }] });
  await run(activities.rememberCreations, input);
  expect(await rollout()).toBeNull();
});
