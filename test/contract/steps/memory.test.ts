import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { HypervisorFailure } from '../../../src/domain/failure.ts';
import type { Inventory } from '../../../src/domain/inventory.ts';
import type { ReplaceOrder } from '../../../src/domain/plan.ts';
import type { ObjectStore } from '../../../src/objectstore/client.ts';
import { creation, storePlan } from './plans.ts';
import {
  createWorld,
  failureOf,
  INPUT,
  INSTALLATION,
  REGION,
  run,
  startServers,
  whole,
  type Servers,
  type World,
} from './world.ts';

const PROBE = '0000000a';
const KEY = `passes/${REGION}/memory/${INSTALLATION}.json`;
const noRoom: HypervisorFailure = {
  hypervisor: 'cmp1',
  probeId: PROBE,
  step: 'build',
  kind: 'noCapacity',
  message: 'No valid host was found.',
};

let servers: Servers;
let world: World;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers);
});
afterEach(() => world.close());

async function remember(
  pass: string,
  failures: readonly HypervisorFailure[],
  artifacts = world.store,
  tried?: ReplaceOrder,
) {
  const plan = await storePlan(world, creation(PROBE));
  const input = { ...INPUT, pass, plan, failures, ...(tried === undefined ? {} : { tried }) };
  return await run(world.activities({ artifacts }).rememberCreations, input);
}

async function stored(): Promise<unknown> {
  const found = await world.store.getObject(KEY, { maxBytes: 1_000_000 });
  return found === undefined ? undefined : (JSON.parse(found.body) as unknown);
}

async function listedMemory(): Promise<readonly [string | undefined, Inventory['memory']]> {
  const listed = whole(await run(world.activities().listInventory, INPUT));
  const inventory = await world.store.getObject(listed.inventory.key, { maxBytes: 1_000_000 });
  return [listed.memory, (JSON.parse(inventory?.body ?? '') as Inventory).memory];
}

test('a creation that failed is remembered, and the next pass lists it', async () => {
  const remembered = await remember('pass-1', [noRoom]);

  expect(remembered).toEqual({ written: true, failing: 1 });
  const creations = [
    { hypervisor: 'cmp1', revision: 'r1', failures: 1, kind: 'noCapacity', at: expect.any(String) },
  ];
  expect(await stored()).toMatchObject({
    installation: INSTALLATION,
    region: REGION,
    pass: 'pass-1',
    creations,
  });
  expect(await listedMemory()).toEqual(['kept', { creations, rollout: null }]);
});

test('a new probe that neither stands nor was told of counts as a failure', async () => {
  await remember('pass-1', []);
  expect(await stored()).toMatchObject({ creations: [{ failures: 1, kind: 'buildFailed' }] });
});

test('the step run twice counts once, the next pass once more', async () => {
  await remember('pass-1', [noRoom]);
  const again = await remember('pass-1', [noRoom]);
  expect(again).toEqual({ written: false, failing: 1 });
  expect(await stored()).toMatchObject({ creations: [{ failures: 1 }] });

  await remember('pass-2', [noRoom]);

  expect(await stored()).toMatchObject({ pass: 'pass-2', creations: [{ failures: 2 }] });
});

test('what is remembered at once counts once, and is corrected at the end of the pass', async () => {
  await remember('pass-1', [noRoom]);
  await remember('pass-2', [noRoom], world.store, 'make-before-break');
  expect(await stored()).toMatchObject({ creations: [{ failures: 2, kind: 'noCapacity' }] });

  await remember('pass-2', [{ ...noRoom, kind: 'buildFailed' }]);

  expect(await stored()).toMatchObject({ creations: [{ failures: 2, kind: 'buildFailed' }] });
});

test('where nothing has changed nothing is written', async () => {
  const quota = { ...noRoom, kind: 'quotaExceeded' as const };
  expect(await remember('pass-1', [quota])).toEqual({ written: false, failing: 0 });
  expect(await stored()).toBeUndefined();
});

test.each([
  ['no JSON', '{'],
  ['of another form', '{"schema":1}'],
  ['of another installation', JSON.stringify(memoryOf('other'))],
  ['larger than any memory', ' '.repeat(5 * 1024 * 1024)],
])('a memory that is %s counts as none and is written anew', async (_what, body) => {
  await world.store.putObject(KEY, body, { contentType: 'application/json' });
  const nothing = { creations: [], rollout: null };

  expect(await listedMemory()).toEqual(['malformed', nothing]);
  const quota = { ...noRoom, kind: 'quotaExceeded' as const };
  expect(await remember('pass-1', [quota])).toEqual({ written: true, failing: 0 });
  expect(await listedMemory()).toEqual(['kept', nothing]);
});

function memoryOf(installation: string): object {
  return { schema: 1, installation, region: REGION, pass: 'pass-0', creations: [], rollout: null };
}

test('a memory that somebody else writes meanwhile is not overwritten, and the step is tried again', async () => {
  const raced: ObjectStore = {
    ...world.store,
    getObject: async (...args) => {
      const found = await world.store.getObject(...args);
      const body = JSON.stringify(memoryOf(INSTALLATION));
      if (args[0] === KEY) await world.store.putObject(KEY, body, { contentType: 'application/json' });
      return found;
    },
  };

  const failed = await failureOf(remember('pass-1', [noRoom], raced), []);

  expect(failed).toMatchObject({ type: 'conflict', nonRetryable: false });
  expect(await stored()).toMatchObject({ pass: 'pass-0', creations: [] });
});
