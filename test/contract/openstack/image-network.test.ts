import { afterEach, beforeEach, expect, test } from 'vitest';

import { json, startCloud, type Cloud } from './cloud.ts';

let cloud: Cloud;

beforeEach(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.close());

test('an image is found by its name', async () => {
  cloud.on('GET', '/v2/images', 'images-by-name');

  const images = await cloud.client().image.listImages({ name: 'probe-image' });

  expect(images).toEqual([
    {
      id: '3459ff56-6ab5-422c-8406-dd4d7337a065',
      name: 'probe-image',
      status: 'active',
      minDiskGiB: 0,
      minRamMiB: 0,
      createdAt: '2026-11-23T23:01:58Z',
    },
  ]);
  expect(cloud.requests.at(-1)?.query).toBe('name=probe-image');
});

test('a name with a colon is not taken for an operator of a filter', async () => {
  cloud.on('GET', '/v2/images', json(200, { images: [] }));

  await cloud.client().image.listImages({ name: 'debian:12' });

  expect(cloud.requests.at(-1)?.query).toBe('name=eq:debian:12');
});

test('a network, a security group and the ports of a server are found', async () => {
  cloud.on('GET', '/v2.0/networks', 'networks-by-name');
  cloud.on('GET', '/v2.0/security-groups', 'security-groups');
  cloud.on('GET', '/v2.0/ports', 'ports-by-device');
  const { network } = cloud.client();

  expect(await network.listNetworks({ name: 'probe-net' })).toEqual([
    {
      id: 'fd050835-2fc0-4af0-a8a8-65e66675b4a9',
      name: 'probe-net',
      projectId: '3a92a4e6ffd9401c86bb6cc4611ab7fa',
      status: 'ACTIVE',
      shared: false,
      mtu: 1500,
    },
  ]);
  expect(await network.listSecurityGroups({ name: 'default' })).toContainEqual({
    id: '5f9f1c2e-5152-412f-be7f-2fb63007946d',
    name: 'default',
    projectId: '3a92a4e6ffd9401c86bb6cc4611ab7fa',
    ingress: [
      { protocol: null, ports: null, fromGroup: '5f9f1c2e-5152-412f-be7f-2fb63007946d' },
      { protocol: null, ports: null, fromGroup: '5f9f1c2e-5152-412f-be7f-2fb63007946d' },
    ],
  });
  expect(await network.listPorts({ deviceId: '967e4a42-f8af-48d5-a088-27ff4190ba18' })).toEqual([
    {
      id: '1a6618f4-f21f-4883-a2fe-e47a3157467c',
      networkId: 'fd050835-2fc0-4af0-a8a8-65e66675b4a9',
      status: 'ACTIVE',
      deviceId: '967e4a42-f8af-48d5-a088-27ff4190ba18',
      addresses: ['10.77.1.220'],
      hostId: 'cmp002',
    },
  ]);
  expect(cloud.requests.at(-1)?.query).toBe('device_id=967e4a42-f8af-48d5-a088-27ff4190ba18');
});

test('a name that differs in case only is another name', async () => {
  cloud.on('GET', '/v2/images', 'images-by-name');
  cloud.on('GET', '/v2.0/networks', 'networks-by-name');
  const client = cloud.client();

  expect(await client.image.listImages({ name: 'Probe-Image' })).toEqual([]);
  expect(await client.network.listNetworks({ name: 'PROBE-NET' })).toEqual([]);
});
