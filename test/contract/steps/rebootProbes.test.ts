import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { PlanEntry } from '../../../src/domain/plan.ts';
import { json, reset } from '../openstack/cloud.ts';
import { probeServer } from './healthyCloud.ts';
import { removal, storePlan } from './plans.ts';
import {
  createWorld,
  failureOf,
  INPUT,
  INSTALLATION,
  REGION,
  run,
  runLast,
  startServers,
  type Servers,
  type World,
} from './world.ts';

const PROBE = '0000000a';
const SERVER = `/v2.1/servers/server-${PROBE}`;
const OLD_REBOOT = '2026-01-01T00:00:00Z';
const conflict = json(409, {
  conflictingRequest: { code: 409, message: 'Cannot reboot it in task_state x' },
});
const accepted = json(202, {});

let servers: Servers;
let world: World;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers);
  showServer({});
  world.cloud
    .on('POST', `${SERVER}/metadata`, json(200, { metadata: {} }))
    .on('DELETE', `${SERVER}/metadata/innervisor_rebooted_at`, json(204, {}))
    .on('POST', `${SERVER}/action`, accepted);
});
afterEach(() => world.close());

/** The probe as Nova shows it, changed as said. */
function showServer(changes: object, metadata: object = {}): void {
  const server = probeServer(PROBE, { installation: INSTALLATION, region: REGION });
  const marks = { ...(server as { metadata: object }).metadata, ...metadata };
  world.cloud.on('GET', SERVER, json(200, { server: { ...server, metadata: marks, ...changes } }));
}

/** The same step when an attempt of it has come before. */
const runSecond: typeof run = (step, input) => run(step, input, { attempt: 2 });

async function reboot(rebootedAt: string | null = null, attempt = run) {
  const { probe } = removal(PROBE) as Extract<PlanEntry, { action: 'delete' }>;
  const reason = { code: 'silent', text: 'silent' } as const;
  const entry = { hypervisor: 'cmp1', orphan: false, reason, action: 'reboot', probe, rebootedAt } as const;
  const plan = await storePlan(world, entry);
  return await attempt(world.activities().rebootProbes, { ...INPUT, plan });
}

/** What was asked of Nova to change, in order. */
function writes(): readonly unknown[] {
  return world.cloud.requests
    .filter(({ method, path }) => method !== 'GET' && path.startsWith(SERVER))
    .map(({ method, body }) => body ?? method);
}

test('a silent probe is marked, then rebooted', async () => {
  expect(await reboot()).toEqual({ rebooted: 1, failures: [] });
  const mark = { metadata: { innervisor_rebooted_at: expect.stringMatching(/^20.*Z$/) } };
  expect(writes()).toEqual([mark, { reboot: { type: 'HARD' } }]);
});

test('a probe that an earlier attempt has marked, and perhaps not rebooted, is rebooted by the next one', async () => {
  showServer({}, { innervisor_rebooted_at: '2026-01-02T00:00:00Z' });
  expect(await reboot(null, runSecond)).toEqual({ rebooted: 1, failures: [] });
  expect(world.cloud.count('POST', `${SERVER}/action`)).toBe(1);
});

test('a reboot that an earlier attempt has begun is not begun again', async () => {
  showServer({ status: 'HARD_REBOOT' }, { innervisor_rebooted_at: '2026-01-02T00:00:00Z' });
  expect(await reboot(null, runSecond)).toEqual({ rebooted: 1, failures: [] });
  expect(writes()).toEqual([]);
});

test('a probe of which the answer to the mark is lost is rebooted by the next attempt', async () => {
  world.cloud.on('POST', `${SERVER}/metadata`, reset, json(200, { metadata: {} }));
  await failureOf(reboot(), []);
  showServer({}, { innervisor_rebooted_at: '2026-01-02T00:00:00Z' });
  expect(await reboot(null, runSecond)).toEqual({ rebooted: 1, failures: [] });
  expect(world.cloud.count('POST', `${SERVER}/action`)).toBe(1);
});

test('a reboot whose answer is lost is not repeated', async () => {
  world.cloud.on('POST', `${SERVER}/action`, reset);
  expect(await reboot()).toEqual({ rebooted: 1, failures: [] });
  expect(world.cloud.count('POST', `${SERVER}/action`)).toBe(1);
});

test.each([
  [null, 'DELETE'],
  [OLD_REBOOT, { metadata: { innervisor_rebooted_at: OLD_REBOOT } }],
])('a reboot that is refused is told and leaves the mark as it was: %s', async (before, restored) => {
  showServer({}, before === null ? {} : { innervisor_rebooted_at: before });
  world.cloud.on('POST', `${SERVER}/action`, conflict);

  const { rebooted, failures } = await reboot(before);

  expect(rebooted).toBe(0);
  expect(failures).toMatchObject([{ hypervisor: 'cmp1', probeId: PROBE, step: 'reboot', kind: 'conflict' }]);
  expect(writes().at(-1)).toEqual(restored);
});

test('a reboot that Nova is too busy for is tried again', async () => {
  world.cloud.on('POST', `${SERVER}/action`, json(503, {}));
  expect(await failureOf(reboot(), [])).toMatchObject({ type: 'unavailable', nonRetryable: false });
  expect(writes().at(-1)).toBe('DELETE');
});

test('a reboot that Nova fails at to the last is told, and the mark says that it didn’t happen', async () => {
  world.cloud.on('POST', `${SERVER}/action`, json(503, {}));

  const { rebooted, failures } = await reboot(null, runLast);

  expect(rebooted).toBe(0);
  expect(failures).toMatchObject([{ probeId: PROBE, step: 'reboot', kind: 'unavailable' }]);
  expect(writes().at(-1)).toBe('DELETE');
});

test.each([
  ['has another mark', {}, { innervisor_installation: 'other' }],
  ['has moved', { 'OS-EXT-SRV-ATTR:host': 'cmp2' }, {}],
  ['is no longer active', { status: 'SHUTOFF' }, {}],
  ['stands on a host that is down', { host_status: 'DOWN' }, {}],
  ['was rebooted by somebody else', {}, { innervisor_rebooted_at: OLD_REBOOT }],
  ['is being deleted', { 'OS-EXT-STS:task_state': 'deleting' }, {}],
])('a server that %s since the plan is left alone', async (_what, changes, metadata) => {
  showServer(changes, metadata);
  expect(await reboot()).toMatchObject({ rebooted: 0, failures: [{ step: 'reboot', kind: 'conflict' }] });
  expect(writes()).toEqual([]);
});
