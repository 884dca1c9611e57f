import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { probeServer, serverPage } from './healthyCloud.ts';
import { creation, replacement, storePlan } from './plans.ts';
import {
  createWorld,
  INPUT,
  INSTALLATION,
  REGION,
  run,
  startServers,
  type Servers,
  type World,
} from './world.ts';

const OLD = '0000000a';
const NEW = '0000000b';
const WRONG = [
  ['ahead', 600_000],
  ['behind', -600_000],
] as const;

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

test.each(WRONG)('a worker whose clock is %s waits for a build as long as any other', async (_what, byMs) => {
  const active = probeServer(NEW, { installation: INSTALLATION, region: REGION });
  const building = { ...active, status: 'BUILD' };
  world.cloud.on('GET', '/v2.1/servers/detail', serverPage([building]), serverPage([active]));
  const plan = await storePlan(world, creation(NEW));
  const { awaitProbes } = world.activities({}, () => Date.now() + byMs);
  const input = { ...INPUT, plan, refused: [] };

  const early = await run(awaitProbes, { ...input, sinceMs: Date.now() });
  world.cloud.on('GET', '/v2.1/servers/detail', serverPage([building]));
  const late = await run(awaitProbes, { ...input, sinceMs: Date.now() - world.deps.wait.buildMs });

  expect(early).toMatchObject({ standing: 1, failed: 0 });
  expect(late).toMatchObject({ failures: [{ message: 'still building when its time was over' }] });
});

test.each(WRONG)(
  'nor is a successor given another time to answer by a clock that is %s',
  async (_what, byMs) => {
    const plan = await storePlan(world, replacement(OLD, NEW, 'make-before-break'));
    const labels = { region: REGION, probe_id: NEW, hypervisor: 'cmp1', exporter: 'node' };
    const targets = await world.artifact('targets', [{ targets: ['127.0.0.1:9'], labels }]);
    const [replica] = world.deps.publication.replicas;
    const questions = vi.spyOn(replica?.prometheus ?? world.deps.prometheus, 'queryInstant');
    const wait = { ...world.deps.wait, verifyMs: 5_000 };
    const { proveReplacements } = world.activities({ wait }, () => Date.now() + byMs);
    const looks = async (sinceMs: number): Promise<number> => {
      questions.mockClear();
      await run(proveReplacements, { ...INPUT, plan, targets, sinceMs });
      return questions.mock.calls.filter(([query]) => query.startsWith('up{')).length;
    };

    expect(await looks(Date.now())).toBeGreaterThan(1);
    expect(await looks(Date.now() - wait.verifyMs)).toBe(1);
  },
);
