import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { lookUpServers } from '../../../src/activities/lookUp.ts';
import { hang, json } from '../openstack/cloud.ts';
import { probeServer } from './healthyCloud.ts';
import { createWorld, OWNER, startServers, stepDeps, type Servers, type World } from './world.ts';

/** Half of what the client of these tests waits for one answer: a look-up that waits for those that hang ends too late. */
const TEST_TIMEOUT_MS = 15_000;
const gone = json(404, { itemNotFound: { code: 404, message: 'Instance could not be found.' } });

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

async function lookUp(serverIds: readonly string[], budgetMs?: number) {
  const { signal } = new AbortController();
  return [...(await lookUpServers(stepDeps(world.deps), serverIds, signal, budgetMs))];
}

test(
  'servers of a cell that doesn’t answer are unknown when their time is over, and the others are known',
  { timeout: TEST_TIMEOUT_MS },
  async () => {
    world.cloud
      .on('GET', '/v2.1/servers/hangs-1', hang)
      .on('GET', '/v2.1/servers/hangs-2', hang)
      .on('GET', '/v2.1/servers/gone', gone)
      .on('GET', '/v2.1/servers/server-0000000a', json(200, { server: probeServer('0000000a', OWNER) }));

    const answers = await lookUp(['hangs-1', 'hangs-2', 'gone', 'server-0000000a'], 1_000);

    expect(answers).toMatchObject([
      ['hangs-1', 'unknown'],
      ['hangs-2', 'unknown'],
      ['gone', 'gone'],
      ['server-0000000a', { probeId: '0000000a' }],
    ]);
  },
);

test('when many servers are still there or don’t answer no more are asked about', async () => {
  const unanswered = Array.from({ length: 50 }, (_, place) => `unanswered-${place}`);
  for (const serverId of unanswered) world.cloud.on('GET', `/v2.1/servers/${serverId}`, json(503, {}));
  world.cloud.on('GET', '/v2.1/servers/last', gone);

  expect(await lookUp([...unanswered, 'last'])).toContainEqual(['last', 'unknown']);
  expect(world.cloud.count('GET', '/v2.1/servers/last')).toBe(0);
});

test('however many servers are gone or about to go for good, all are asked about', async () => {
  const deleted = Array.from({ length: 60 }, (_, place) => `gone-${place}`);
  const kept = Array.from({ length: 60 }, (_, place) => `kept-${place}`);
  const server = { ...probeServer('0000000a', OWNER), status: 'SOFT_DELETED' };
  for (const serverId of deleted) world.cloud.on('GET', `/v2.1/servers/${serverId}`, gone);
  for (const serverId of kept) world.cloud.on('GET', `/v2.1/servers/${serverId}`, json(200, { server }));

  const answers = await lookUp([...kept, ...deleted]);

  expect(answers.slice(0, 60).every(([, answer]) => typeof answer !== 'string')).toBe(true);
  expect(answers.slice(60)).toEqual(deleted.map((serverId) => [serverId, 'gone']));
});

test('a step that is stopped doesn’t take what it hasn’t heard for an answer', async () => {
  world.cloud.on('GET', '/v2.1/servers/hangs', hang);
  const stop = new AbortController();

  const asked = lookUpServers(stepDeps(world.deps), ['hangs'], stop.signal);
  await world.cloud.arrived('GET', '/v2.1/servers/hangs', 1);
  stop.abort(new Error('stopped'));

  await expect(asked).rejects.toThrow('stopped');
});
