import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PreflightCheck, PreflightReport } from '../../src/domain/preflight.ts';
import type { RegionDeps } from '../../src/activities/deps.ts';
import { createObjectStore } from '../../src/objectstore/client.ts';
import {
  alertmanagerAt,
  INPUT,
  publicationAt,
  run,
  startServers,
  type Servers,
} from '../contract/steps/world.ts';
import { Life } from '../scenario/life.ts';
import { SimCloud } from './simCloud.ts';
import { populate, startRegion, type Region } from './support/region.ts';

const NOWHERE = 'http://127.0.0.1:1';

let servers: Servers;
let region: Region;
beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  region = await startRegion(servers, { hypervisors: 6 });
});
afterEach(() => region.close());

async function look(changes: Partial<RegionDeps> = {}): Promise<PreflightReport> {
  return await run(region.activities(changes).preflight, INPUT);
}

function found({ checks }: PreflightReport, name: string): PreflightCheck | undefined {
  return checks.find(({ check }) => check.startsWith(name));
}

describe('a look at a region before its first pass', () => {
  test('finds nothing to do where all is there, and changes nothing', async () => {
    const report = await look();

    expect(report.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(report).toMatchObject({ region: 'luxembourg', outcome: 'ready' });
    expect(region.writes()).toEqual([]);
    expect(await region.objects()).toEqual([]);
  });

  test('tells everything that is missing at once, with its cure', async () => {
    const { s3 } = servers;
    const probe = {
      ...region.deps.probe,
      image: 'none',
      flavor: 'none',
      networks: ['none'],
      securityGroups: ['none'],
    };
    const { accessKeyId, secretAccessKey, endpoint, region: s3Region } = s3;
    const gone = createObjectStore({
      bucket: 'gone',
      endpoint,
      region: s3Region,
      requestTimeoutMs: 5_000,
      credentials: { accessKeyId, secretAccessKey },
    });

    const report = await look({
      probe,
      artifacts: gone,
      publication: publicationAt(NOWHERE, '/nowhere.json'),
      alertmanager: alertmanagerAt(NOWHERE),
    });
    gone.close();

    expect(report.outcome).toBe('not ready');
    for (const check of [
      'image',
      'flavor',
      'network none',
      'security group none',
      'artifacts',
      'Prometheus',
      'Alertmanager',
    ])
      expect(found(report, check)).toMatchObject({ status: 'fail', cure: expect.stringMatching(/\w/) });
    expect(found(report, 'peers')).toMatchObject({ status: 'pass' });
  });

  test('asks Nova for as many as are missing, and for room beside those that are replaced', async () => {
    const empty = await look();
    await populate(region);
    const full = await look();

    expect(found(empty, 'quota of instances')?.detail).toMatch(
      /^0 of \d+ used; 6 more .*, \d+ while|^unlimited/,
    );
    expect(found(full, 'quota of instances')?.detail).toMatch(
      /^6 of \d+ used; 0 more .*, \d+ while|^unlimited/,
    );
  });

  test('where nothing is selected, says which key to correct', async () => {
    const { policy } = region.deps;

    const report = await look({ policy: { ...policy, select: { ...policy.select, include: ['other-*'] } } });

    expect(found(report, 'hypervisors')).toMatchObject({
      status: 'fail',
      cure: 'correct regions.luxembourg.select',
    });
  });
});

test('the command prints it, and exits with 1 where the region is not ready', async () => {
  const life = await Life.begin(await SimCloud.open());
  try {
    const ready = await life.stack.innervisor('preflight', 'lab');
    expect(ready).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^lab: ready\n {2}pass {2}hypervisors: 6 of 6 are selected\n/),
    });
    await life.stack.alertmanager.stop();
    const { code, stdout } = await life.stack.innervisor('preflight', 'lab', '--output', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ region: 'lab', outcome: 'not ready' });
  } finally {
    await life.end();
  }
});
