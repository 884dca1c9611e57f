import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
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
import { found, lookAt } from './support/preflight.ts';
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

const look = (changes?: Partial<RegionDeps>) => lookAt(region, changes);

describe('a look at a region before its first pass', () => {
  test('finds nothing to do where all is there, and changes nothing', async () => {
    const report = await look();

    expect(report.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
    expect(found(report, 'network probe-net')?.detail).toBe(
      'it is ACTIVE; probes ping with packets of its MTU, 1500',
    );
    expect(found(report, 'peers in S3')?.detail).toBe(
      "peers/luxembourg.json isn't there yet, and may be written",
    );
    expect(report).toMatchObject({ region: 'luxembourg', outcome: 'ready' });
    // A server that can't be made is how the right to pin is asked for.
    expect(region.writes()).toMatchObject([{ service: 'nova', path: '/v2.1/servers', status: 400 }]);
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

  test('tells whether the security groups let Prometheus and other probes in', async () => {
    const securityGroups = {
      shut: [],
      scraped: [
        { protocol: 'tcp', port: 9100 },
        { protocol: 'tcp', port: 9374 },
      ],
      pinged: [{ protocol: 'icmp', members: true }],
      friends: [{ protocol: null, members: true }],
    } as const;
    const other = await startRegion(servers, { securityGroups });
    const rulesOf = async (...names: readonly (keyof typeof securityGroups)[]) => {
      const probe = { ...other.deps.probe, securityGroups: names };
      const targets = { ...other.deps.targets, ports: { node: 9100, ping: 9374 } };
      const steps = other.activities({ probe, targets });
      return found(await run(steps.preflight, INPUT), 'rules of security groups');
    };

    const [shut, both, friends] = [
      await rulesOf('shut'),
      await rulesOf('scraped', 'pinged'),
      await rulesOf('friends'),
    ];
    await other.close();

    expect(shut).toMatchObject({
      status: 'warn',
      detail: 'nobody but probes may reach TCP 9100 and 9374; probes may not ping each other',
      cure: expect.stringContaining(
        'openstack security group rule create shut --protocol tcp --dst-port 9374',
      ),
    });
    expect(both).toMatchObject({ status: 'pass' });
    expect(friends).toMatchObject({
      status: 'warn',
      detail: 'nobody but probes may reach TCP 9100 and 9374',
    });
  });

  test.each(['requested', 'forced'] as const)('tries whether servers may be pinned, %s', async (pinning) => {
    const { sim } = region;
    const servers = { service: 'nova', method: 'POST', path: '/servers' } as const;
    const deps = { probe: { ...region.deps.probe, pinning } };

    const may = await look(deps);
    const mend = sim.faults.add({ ...servers, effect: { kind: 'status', status: 503 } });
    const unsure = await look(deps);
    mend();
    sim.faults.add({ ...servers, effect: { kind: 'status', status: 403 } });
    const mayNot = await look(deps);

    const right = 'right to pin servers';
    expect(found(may, right)).toMatchObject({ status: 'pass' });
    expect(found(unsure, right)).toMatchObject({ status: 'unknown', detail: expect.stringContaining('503') });
    expect(unsure.outcome).toBe('ready');
    expect(found(mayNot, right)).toMatchObject({
      status: 'fail',
      cure: expect.stringContaining(
        pinning === 'forced' ? 'servers:create:forced_host' : 'servers:create:requested_destination',
      ),
    });
    expect(mayNot.outcome).toBe('not ready');
  });

  test('counts ports and addresses for every probe', async () => {
    const prober = await signIn(region.sim, 'prober', 'probes');
    const projects = await prober('GET', `${region.sim.origins.keystone}/v3/projects?name=probes`);
    const quota = `${region.sim.origins.neutron}/v2.0/quotas/${String(at(projects, 'projects', 0, 'id'))}`;
    await prober('PUT', quota, { quota: { port: 5 } });
    const few = await startRegion(servers, { hypervisors: 6, networkCidr: '10.9.0.0/29' });

    const ports = await look();
    const addresses = await run(few.activities().preflight, INPUT);
    await few.close();

    expect(found(ports, 'quota of ports')).toMatchObject({
      status: 'fail',
      cure: expect.stringMatching(/^openstack quota set --ports \d+ PROJECT$/),
    });
    expect(found(ports, 'addresses of probe-net')).toMatchObject({ status: 'pass' });
    expect(found(addresses, 'addresses of probe-net')).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(/^5 of 5 are free; 6 more for probes that are missing/),
    });
  });

  test('what the account may not see is unknown and no failure', async () => {
    for (const path of ['/quotas/', '/network-ip-availabilities', '/os-aggregates'])
      region.sim.faults.add({ path, effect: { kind: 'status', status: 403 } });

    const report = await look();

    expect(report.outcome).toBe('ready');
    for (const check of ['quota of ports', 'addresses of probe-net', 'aggregates'])
      expect(found(report, check)).toMatchObject({ status: 'unknown', cure: expect.stringMatching(/\w/) });
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

  test('warns of an aggregate that admits other projects only, unless probes are pinned by force', async () => {
    const prober = await signIn(region.sim, 'prober', 'probes');
    const made = await prober('POST', '/os-aggregates', { aggregate: { name: 'tenants' } });
    const action = `/os-aggregates/${String(at(made, 'aggregate', 'id'))}/action`;
    await prober('POST', action, { add_host: { host: 'cmp001' } });
    const admit = (metadata: object) => prober('POST', action, { set_metadata: { metadata } });
    await admit({ filter_tenant_id_1: 'another' });

    const requested = await look();
    const forced = await look({ probe: { ...region.deps.probe, pinning: 'forced' } });
    await admit({ filter_tenant_id_probes: `more, ${await region.deps.openstack.compute.getProjectId()}` });
    const admitted = await look();

    expect(found(requested, 'aggregates')).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/^tenants /),
    });
    expect(found(forced, 'aggregates')).toMatchObject({ status: 'pass' });
    expect(found(admitted, 'aggregates')).toMatchObject({ status: 'pass' });
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
      stdout: expect.stringMatching(/^lab: ready\n {2}pass {5}hypervisors: 6 of 6 are selected\n/),
    });
    await life.stack.alertmanager.stop();
    const { code, stdout } = await life.stack.innervisor('preflight', 'lab', '--output', 'json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ region: 'lab', outcome: 'not ready' });
  } finally {
    await life.end();
  }
});
