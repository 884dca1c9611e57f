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
import { at, signIn } from './support/sim.ts';

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

  test('counts the probes that are missing and those that stand beside old ones against the quota', async () => {
    const prober = await signIn(region.sim, 'prober', 'probes');
    const projects = await prober('GET', `${region.sim.origins.keystone}/v3/projects?name=probes`);
    const setQuota = (quota_set: object) =>
      prober('PUT', `/os-quota-sets/${String(at(projects, 'projects', 0, 'id'))}`, { quota_set });
    const deps = {
      policy: { ...region.deps.policy, replace: 'make-before-break', replaceBatch: 2 } as const,
    };

    await setQuota({ instances: 5 });
    const short = await look(deps);
    await setQuota({ instances: 6 });
    await populate(region);
    const full = await look(deps);

    expect(found(short, 'quota of instances')).toEqual({
      check: 'quota of instances',
      status: 'fail',
      detail: '0 of 5 used; 6 more for probes that are missing, 2 while some are replaced',
      cure: 'openstack quota set --instances 8 PROJECT',
    });
    expect(short.outcome).toBe('not ready');
    expect(found(full, 'quota of instances')).toMatchObject({
      status: 'warn',
      detail:
        '6 of 6 used; 0 more for probes that are missing, 2 while some are replaced: old probes have to go before new ones are made',
    });
    expect(full.outcome).toBe('ready');
  });

  test('warns of an aggregate that admits some projects only, unless probes are pinned by force', async () => {
    const prober = await signIn(region.sim, 'prober', 'probes');
    const made = await prober('POST', '/os-aggregates', { aggregate: { name: 'tenants' } });
    const action = `/os-aggregates/${String(at(made, 'aggregate', 'id'))}/action`;
    await prober('POST', action, { add_host: { host: 'cmp001' } });
    await prober('POST', action, { set_metadata: { metadata: { filter_tenant_id_1: 'another' } } });

    const requested = await look();
    const forced = await look({ probe: { ...region.deps.probe, pinning: 'forced' } });

    expect(found(requested, 'aggregates')).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/^tenants /),
    });
    expect(found(forced, 'aggregates')).toMatchObject({ status: 'pass' });
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
