import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { RegionDeps } from '../../src/activities/deps.ts';
import { createActivities, type Activities } from '../../src/activities/index.ts';
import { INPUT, INSTALLATION, REGION, run, startServers, type Servers } from '../contract/steps/world.ts';
import { aPolicy } from '../support/builders.ts';
import { awaitAll, create, plan, startRegion, type Region } from './support/region.ts';

const PAUSE_MS = 600_000;
const HOST = 'cmp002';

let servers: Servers;
let region: Region;
let nowMs: number;
let passes: number;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  region = await startRegion(servers);
  nowMs = Date.now();
  passes = 0;
});
afterEach(() => region.close());

/** The steps of a worker whose clock stands still between our moves of it. */
function steps(changes: Partial<RegionDeps> = {}): Activities {
  const deps = { ...region.deps, policy: aPolicy({ pauseMs: PAUSE_MS }), ...changes };
  return createActivities({
    installation: INSTALLATION,
    regions: new Map([[REGION, deps]]),
    elsewhere: new Map(),
    now: () => nowMs,
  });
}

/** Plans, makes what is missing, removes what failed, and remembers, as a pass does. */
async function pass() {
  const activities = steps();
  const found = await plan(activities);
  const { planned } = found;
  const { create: wanted } = planned.counts;
  const failures = [];
  if (wanted > 0) {
    failures.push(
      ...(await create(activities, found)).failures,
      ...(await awaitAll(activities, found, nowMs)).failures,
    );
    await run(activities.removeHalfMade, { ...INPUT, plan: planned.plan, proof: null });
    const input = { ...INPUT, pass: `pass-${++passes}`, plan: planned.plan, failures };
    await run(activities.rememberCreations, input);
  }
  const reasons = planned.changes.map(({ action, reason }) => `${action}: ${reason}`);
  return { reasons, findings: planned.findings, failures: failures.map(({ kind }) => kind), wanted };
}

function creates(): number {
  return region.writes().filter(({ method, path }) => method === 'POST' && path.endsWith('/servers')).length;
}

test('a full hypervisor is asked for less and less, and gets its probe when it has room and its time has come', async () => {
  region.sim.fillHost(HOST);
  const first = await pass();
  const second = await pass();
  const before = creates();

  const third = await pass();

  expect([first, second]).toMatchObject([
    { wanted: 3, failures: ['noCapacity'] },
    { wanted: 1, failures: ['noCapacity'] },
  ]);
  expect(third.wanted).toBe(0);
  expect(third.reasons).toMatchObject([
    expect.stringMatching(/^defer: creation failed 2 times \(no capacity\), tried again after 20\d\d-/),
  ]);
  expect(third.findings).toMatchObject([{ hypervisor: `${HOST}.lab.example`, kind: 'unplaceable' }]);
  expect(creates()).toBe(before);
  nowMs += PAUSE_MS;
  expect(await pass()).toMatchObject({ wanted: 1, failures: ['noCapacity'] });
  nowMs += PAUSE_MS;
  expect(await pass()).toMatchObject({ wanted: 0 });
  region.sim.emptyHost(HOST);
  nowMs += PAUSE_MS;
  expect(await pass()).toMatchObject({ wanted: 1, failures: [] });
  expect(await pass()).toMatchObject({ wanted: 0, reasons: [], findings: [] });
  expect(await region.serverHosts()).toEqual(['cmp001', 'cmp002', 'cmp003']);
});

test('a pass that leaves a hypervisor alone writes nothing', async () => {
  region.sim.setFault(HOST, { spawn_error: 'out of luck' });
  await pass();
  await pass();
  await pass();
  const [writes, objects] = [region.writes().length, await region.objects()];

  const idle = await pass();

  expect(idle.findings).toMatchObject([{ kind: 'creationPaused' }]);
  expect(region.writes()).toHaveLength(writes);
  expect(await region.objects()).toEqual(objects);
});
