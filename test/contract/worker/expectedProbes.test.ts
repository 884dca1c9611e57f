import { afterAll, beforeAll, expect, test } from 'vitest';
import { readExpected, storeExpected } from '../../../src/activities/expected.ts';
import type { ArtifactRef } from '../../../src/domain/pass.ts';
import { computeSelection } from '../../../src/planner/select.ts';
import { createExpectedProbes, type ExpectedProbes } from '../../../worker/expectedProbes.ts';
import { aPolicy, aHypervisor, hypervisors, matchGlobs } from '../../support/builders.ts';
import {
  createWorld,
  INSTALLATION,
  REGION,
  startServers,
  stepDeps,
  type Servers,
  type World,
} from '../steps/world.ts';

const HOUR_MS = 3_600_000;

let servers: Servers;
let world: World;

beforeAll(async () => {
  servers = await startServers();
  world = await createWorld(servers);
}, 600_000);
afterAll(async () => {
  await world.close();
  await servers.stop();
});

async function store(listed: Parameters<typeof computeSelection>[0]): Promise<ArtifactRef> {
  return await storeExpected(stepDeps(world.deps), listed, computeSelection(listed, aPolicy(), matchGlobs));
}

function read(ref: ArtifactRef, region = REGION) {
  return readExpected(world.store, { installation: INSTALLATION, region }, ref, AbortSignal.timeout(10_000));
}

function aWorker(): ExpectedProbes {
  return createExpectedProbes(new Map([[REGION, (ref) => read(ref)]]));
}

function listed(page: string): readonly string[] {
  return [...page.matchAll(/^innervisor_probe_expected\{.*hypervisor="(\w+)\..*"\} 1$/gm)].map(
    ([, name = '']) => name,
  );
}

test('selected and down hypervisors are expected to carry a probe; disabled, drained and excluded ones are not', async () => {
  const ref = await store([
    aHypervisor({ serviceHost: 'calm', availabilityZone: null }),
    aHypervisor({ serviceHost: 'down', up: false }),
    aHypervisor({ serviceHost: 'hot', enabled: false, occupied: true }),
    aHypervisor({ serviceHost: 'drained', enabled: false, occupied: false }),
    aHypervisor({ serviceHost: 'metal', type: 'ironic' }),
  ]);

  expect(await read(ref)).toEqual([
    { hypervisor: 'calm.lab.example', availability_zone: null },
    { hypervisor: 'down.lab.example', availability_zone: 'nova' },
  ]);
});

test('while S3 is away the last list stays, and its timestamp tells how old it is; after a day it is dropped', async () => {
  const worker = aWorker();
  const [two, three] = [await store(hypervisors(2)), await store(hypervisors(3))];
  const timestamp = `innervisor_probe_expected_read_timestamp_seconds{region="${REGION}"}`;
  expect(worker.render(0)).toContain(`${timestamp} 0\n`);
  await worker.follow({ region: REGION, readMs: HOUR_MS, expected: two });

  await servers.s3.crash();
  await expect(worker.follow({ region: REGION, readMs: 2 * HOUR_MS, expected: three })).rejects.toThrow();

  expect(listed(worker.render(2 * HOUR_MS))).toEqual(['cmp001', 'cmp002']);
  expect(worker.render(2 * HOUR_MS)).toContain(`${timestamp} 3600\n`);
  expect(listed(worker.render(26 * HOUR_MS))).toEqual([]);
  expect(worker.render(26 * HOUR_MS)).toContain(`${timestamp} 3600\n`);

  // What is known already needs no S3.
  await worker.follow({ region: REGION, readMs: 26 * HOUR_MS, expected: two });
  expect(listed(worker.render(26 * HOUR_MS))).toEqual(['cmp001', 'cmp002']);
  await servers.s3.restart();
  await worker.follow({ region: REGION, readMs: 27 * HOUR_MS, expected: three });
  expect(listed(worker.render(27 * HOUR_MS))).toEqual(['cmp001', 'cmp002', 'cmp003']);
});

test('a list that is gone, altered or of another region is refused, and the one before it stays', async () => {
  const worker = aWorker();
  const known = await store(hypervisors(1));
  await worker.follow({ region: REGION, readMs: HOUR_MS, expected: known });
  const [gone, altered] = [await store(hypervisors(4)), await store(hypervisors(5))];
  await world.store.deleteObject(gone.key);
  await world.store.putObject(altered.key, '{"schema":1}', { contentType: 'application/json' });

  await expect(read(gone)).rejects.toThrow(/is gone from S3; the next pass stores it again/);
  await expect(read(altered)).rejects.toThrow(/is not what the pass stored/);
  await expect(read(known, 'elsewhere')).rejects.toThrow(/is not what the pass stored/);
  await expect(worker.follow({ region: REGION, readMs: 2 * HOUR_MS, expected: gone })).rejects.toThrow();
  expect(listed(worker.render(2 * HOUR_MS))).toEqual(['cmp001']);
});

test('ten thousand hypervisors are read once and shown by all workers alike', async () => {
  const ref = await store(hypervisors(10_000));
  let reads = 0;
  const counted = createExpectedProbes(
    new Map([
      [
        REGION,
        (asked: ArtifactRef) => {
          reads += 1;
          return read(asked);
        },
      ],
    ]),
  );
  const other = aWorker();
  const facts = { region: REGION, readMs: HOUR_MS, expected: ref };

  for (const worker of [counted, counted, counted, other]) await worker.follow(facts);

  expect(listed(counted.render(HOUR_MS))).toHaveLength(10_000);
  expect(counted.render(HOUR_MS)).toBe(other.render(HOUR_MS));
  expect(reads).toBe(1);
});
