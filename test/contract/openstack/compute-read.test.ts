import { afterEach, beforeEach, expect, test } from 'vitest';

import { json, startCloud, type Cloud } from './cloud.ts';

const SERVER = '967e4a42-f8af-48d5-a088-27ff4190ba18';
let cloud: Cloud;

beforeEach(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.close());

test('a hypervisor that is down keeps its status, and one that is disabled its reason', async () => {
  cloud.on('GET', '/v2.1/os-hypervisors/detail', 'os-hypervisors-with-down', 'os-hypervisors-with-disabled');
  const { compute } = cloud.client();

  const [down] = await compute.listHypervisors();
  const [disabled] = await compute.listHypervisors();

  expect(down).toEqual({
    id: 'a81c6252-355b-4d20-b35f-67e0a7fd1dcd',
    hypervisorHostname: 'cmp029.lab.example',
    type: 'fake',
    state: 'down',
    status: 'enabled',
    serviceHost: 'cmp029',
    disabledReason: null,
    runningVms: null,
  });
  expect(disabled).toMatchObject({ state: 'up', status: 'disabled', disabledReason: 'lab' });
});

test('hypervisors are asked for with a microversion below 2.88, and tell the number of their servers', async () => {
  cloud.on(
    'GET',
    '/v2.1/os-hypervisors/detail',
    'os-hypervisors-detail-2.53',
    'os-hypervisors-detail-lastpage',
  );

  const hypervisors = await cloud.client().compute.listHypervisors();

  expect(hypervisors.map(({ runningVms }) => runningVms)).toEqual([1, 0, null]);
  expect(cloud.requests.at(-1)?.headers['openstack-api-version']).toBe('compute 2.53');
});

test('only nova-compute services are asked for', async () => {
  cloud.on('GET', '/v2.1/os-services', 'os-services-with-disabled', 'os-services-with-down');
  const { compute } = cloud.client();

  const [disabled] = await compute.listComputeServices({});
  const [down] = await compute.listComputeServices({});

  expect(disabled).toEqual({
    id: 'ec307b0a-f635-4b6c-b777-26ceaa91460c',
    host: 'cmp003',
    zone: 'nova',
    state: 'up',
    status: 'disabled',
    disabledReason: 'lab',
    forcedDown: false,
  });
  expect(down).toMatchObject({ host: 'cmp029', state: 'down' });
  expect(cloud.requests.at(-1)?.query).toBe('binary=nova-compute');
});

test('aggregates, flavors and limits are read', async () => {
  cloud.on('GET', '/v2.1/os-aggregates', 'os-aggregates');
  cloud.on('GET', '/v2.1/flavors/detail', 'flavors-detail');
  cloud.on('GET', '/v2.1/limits', 'limits');
  const { compute } = cloud.client();

  expect(await compute.listAggregates()).toEqual([
    {
      id: 1,
      name: 'agg-az1-8858',
      hosts: ['cmp005'],
      availabilityZone: 'az1',
      metadata: { availability_zone: 'az1', class: 'gpu' },
    },
  ]);
  expect(await compute.listFlavors()).toContainEqual({
    id: 'probe',
    name: 'probe',
    vcpus: 1,
    ramMiB: 256,
    diskGiB: 1,
    extraSpecs: {},
  });
  expect(await compute.getLimits()).toEqual({
    instances: { used: 1, max: null },
    cores: { used: 1, max: null },
    ramMiB: { used: 256, max: null },
  });
});

test('every field of an active server is read', async () => {
  cloud.on('GET', `/v2.1/servers/${SERVER}`, 'server-show-ACTIVE');

  const server = await cloud.client().compute.getServer(SERVER);

  expect(server).toEqual({
    id: SERVER,
    name: 'p-host74',
    status: 'ACTIVE',
    taskState: null,
    vmState: 'active',
    powerState: 1,
    host: 'cmp002',
    hypervisorHostname: 'cmp002.lab.example',
    availabilityZone: 'nova',
    metadata: { 'prober.owner': 'lab', 'prober.host': 'p-host74' },
    tags: ['prober', 'prober-gen-1'],
    addresses: [{ network: 'probe-net', address: '10.77.1.220', version: 4, type: 'fixed' }],
    flavorName: 'probe',
    imageId: '3459ff56-6ab5-422c-8406-dd4d7337a065',
    createdAt: '2026-11-23T23:19:30Z',
    launchedAt: '2026-11-23T23:19:36.000000Z',
    updatedAt: '2026-11-23T23:19:36Z',
    fault: null,
    hostStatus: 'UP',
    locked: false,
  });
});

test.each([
  [
    'server-show-BUILD',
    { status: 'BUILD', taskState: 'scheduling', host: null, hostStatus: null, addresses: [] },
  ],
  ['server-show-BUILD-spawning', { status: 'BUILD', taskState: 'spawning' }],
  ['server-show-MIGRATING', { status: 'MIGRATING', taskState: 'migrating' }],
  ['server-show-after-live-migration', { status: 'ACTIVE', id: SERVER }],
  ['server-show-deleting', { taskState: 'deleting' }],
  ['server-show-SHUTOFF', { status: 'SHUTOFF', powerState: 4 }],
  ['server-show-ACTIVE-host-down', { status: 'ACTIVE', hostStatus: 'UNKNOWN' }],
])('%s is read as what it is', async (recording, expected) => {
  cloud.on('GET', '/v2.1/servers/x', recording);

  const server = await cloud.client().compute.getServer('x');

  expect(server).toMatchObject(expected);
});

test('a failed build tells why, without its traceback, and has no host', async () => {
  cloud.on('GET', '/v2.1/servers/x', 'server-show-ERROR-NoValidHost');

  const server = await cloud.client().compute.getServer('x');

  expect(server?.fault).toEqual({ code: 500, message: 'No valid host was found. ' });
  expect(server?.host).toBeNull();
  expect(JSON.stringify(server)).not.toContain('Traceback');
});

test('a reader, who is shown no host, gets null for it', async () => {
  cloud.on('GET', '/v2.1/servers/detail', 'server-list-viewer', json(200, { servers: [] }));

  const [server] = await cloud.client().compute.listServers({});

  expect(server).toMatchObject({ host: null, hypervisorHostname: null, hostStatus: null });
});

test('servers are filtered by all of the tags, by host and over all projects', async () => {
  cloud.on('GET', '/v2.1/servers/detail', 'server-list-by-tags');

  const servers = await cloud
    .client()
    .compute.listServers({ tags: ['prober', 'prober-gen-1'], host: 'cmp002', allProjects: true });

  expect(cloud.requests.at(-1)?.query).toBe('limit=100&tags=prober,prober-gen-1&host=cmp002&all_tenants=1');
  expect(servers.length).toBeGreaterThan(0);
  expect(servers.every(({ tags }) => tags.includes('prober'))).toBe(true);
});

test('a server is absent only when Nova itself says so', async () => {
  cloud.on('GET', '/v2.1/servers/x', 'server-show-404', (_request, response) => {
    response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>404 Not Found</h1>');
  });
  const { compute } = cloud.client();

  expect(await compute.getServer('x')).toBeUndefined();
  await expect(compute.getServer('x')).rejects.toMatchObject({ code: 'misconfigured', status: 404 });
});

test('the tail of the console is text', async () => {
  cloud.on('POST', '/v2.1/servers/x/action', 'server-console-output');

  const tail = await cloud.client().compute.getConsoleTail('x', 50);

  expect(tail).toBe('FAKE CONSOLE OUTPUT\nANOTHER\nLAST LINE');
  expect(cloud.requests.at(-1)?.body).toEqual({ 'os-getConsoleOutput': { length: 50 } });
});

test.each(['', '.', '..'])('the id %j, which would name another resource, is never sent', async (id) => {
  await expect(cloud.client().compute.deleteServer(id)).rejects.toThrow(TypeError);
  expect(cloud.requests.some(({ method }) => method === 'DELETE')).toBe(false);
});
