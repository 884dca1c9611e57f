import { afterEach, beforeEach, expect, test } from 'vitest';
import { startOpenstackSim, type Guest, type OpenstackSim } from '../../lab/openstack-sim/index.ts';
import { createOpenStackClient, type OpenStackClient } from '../../src/openstack/client.ts';
import { eventually } from '../support/await.ts';
import { proberCredentials } from './support/sim.ts';

let sim: OpenstackSim;
let cloud: OpenStackClient;

beforeEach(async () => {
  sim = await startOpenstackSim({ hypervisors: 3, zones: ['nova', 'az1'], bootMs: 60, maxLimit: 2 });
  cloud = createOpenStackClient({
    credentials: proberCredentials(sim),
    interface: 'public',
    concurrency: 4,
    requestsPerSecond: 1_000,
    requestTimeoutMs: 5_000,
  });
});
afterEach(async () => sim.stop());

async function createOn(host: string) {
  const [image] = await cloud.image.listImages({ name: 'probe-image' });
  const [network] = await cloud.network.listNetworks({ name: 'probe-net' });
  const { id } = await cloud.compute.createServer({
    name: `probe-${host}`,
    flavorId: 'probe',
    imageId: image?.id ?? '',
    networkIds: [network?.id ?? ''],
    securityGroups: [],
    keyName: null,
    userDataBase64: 'aGk=',
    configDrive: true,
    metadata: { innervisor_probe: host },
    tags: ['innervisor'],
    pinning: { kind: 'requested', host, hypervisorHostname: `${host}.lab.example` },
  });
  return id;
}

test("the product's client lists every page of hypervisors, services, aggregates and flavors", async () => {
  const hypervisors = await cloud.compute.listHypervisors();
  const services = await cloud.compute.listComputeServices({});
  const aggregates = await cloud.compute.listAggregates();
  const flavors = await cloud.compute.listFlavors();

  expect(hypervisors.map(({ serviceHost }) => serviceHost)).toEqual(['cmp001', 'cmp002', 'cmp003']);
  expect(services.map(({ zone }) => zone)).toEqual(['nova', 'az1', 'nova']);
  expect(aggregates).toMatchObject([{ hosts: ['cmp002'], availabilityZone: 'az1' }]);
  expect(flavors.map(({ name }) => name)).toEqual(['m1.tiny', 'm1.small', 'm1.huge', 'probe']);
  expect(sim.unknown).toEqual([]);
});

test("the product's client makes a pinned server, marks it, and deletes it again", async () => {
  const events: string[] = [];
  const tell = (event: string) => (guest: Guest) =>
    void events.push(`${event} ${guest.host} ${guest.userData}`);
  sim.guests.on('boot', tell('boot'));
  sim.guests.on('gone', tell('gone'));
  const mark = sim.requests.mark();

  const id = await createOn('cmp002');
  const server = await eventually(
    async () => {
      const seen = await cloud.compute.getServer(id);
      return seen?.status === 'ACTIVE' ? seen : undefined;
    },
    { describe: 'the server is ACTIVE' },
  );
  await cloud.compute.setServerMetadata(id, { innervisor_retire_since: '1' });
  await cloud.compute.deleteServerMetadata(id, 'innervisor_retire_since');
  const ports = await cloud.network.listPorts({ deviceId: id });
  const limits = await cloud.compute.getLimits();

  expect(server).toMatchObject({ host: 'cmp002', availabilityZone: 'az1', tags: ['innervisor'] });
  expect(ports.flatMap(({ addresses }) => addresses)).toEqual(server.addresses.map(({ address }) => address));
  expect(limits.instances).toEqual({ used: 1, max: null });
  expect(await cloud.compute.listServers({ tags: ['innervisor'] })).toHaveLength(1);
  expect(await cloud.compute.deleteServer(id)).toBe('accepted');
  await eventually(async () => (await cloud.compute.getServer(id)) === undefined, { describe: 'it is gone' });
  expect(await cloud.compute.deleteServer(id)).toBe('absent');
  expect(events).toEqual(['boot cmp002 aGk=', 'gone cmp002 aGk=']);
  expect(sim.requests.since(mark).filter(({ method }) => method === 'POST')).toMatchObject([
    { service: 'keystone', status: 201 },
    { service: 'nova', path: '/v2.1/servers', status: 202 },
    { service: 'nova', status: 200 },
  ]);
  expect(sim.unknown).toEqual([]);
});

test('hypervisors are added, die and are removed', async () => {
  sim.addHypervisors(1);
  sim.forceDown('cmp001');
  sim.removeHypervisor('cmp003');

  const hypervisors = await cloud.compute.listHypervisors();

  expect(hypervisors.map(({ serviceHost, state }) => `${serviceHost} ${state}`)).toEqual([
    'cmp001 down',
    'cmp002 up',
    'cmp004 up',
  ]);
});
