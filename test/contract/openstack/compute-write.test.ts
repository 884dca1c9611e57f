import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { CreateServer } from '../../../src/openstack/client.ts';
import { startCloud, type Cloud } from './cloud.ts';
import { expectOpenStackError } from './expect-error.ts';
import { bodyText, readRecording } from './recordings.ts';

const RECORDED_REQUEST: CreateServer = {
  name: 'p-both',
  flavorId: 'probe',
  imageId: '3459ff56-6ab5-422c-8406-dd4d7337a065',
  networkIds: ['fd050835-2fc0-4af0-a8a8-65e66675b4a9'],
  securityGroups: [],
  keyName: null,
  userDataBase64: 'IyEvYmluL3NoCmVjaG8gaGkK',
  configDrive: false,
  metadata: { 'prober.owner': 'lab', 'prober.host': 'p-both' },
  tags: ['prober', 'prober-gen-1'],
  pinning: { kind: 'requested', host: 'cmp003', hypervisorHostname: 'cmp003.lab.example' },
};
let cloud: Cloud;

beforeEach(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.close());

test('a requested host is asked for as in the recording that Nova accepted', async () => {
  cloud.on('POST', '/v2.1/servers', 'server-create-2.74-both');

  const created = await cloud.client().compute.createServer(RECORDED_REQUEST);

  const { server } = readRecording('server-create-2.74-both').request.body as { server: object };
  expect(created).toEqual({ id: '0dff782f-0868-46d8-997e-ab5e2243563c' });
  expect(cloud.requests.at(-1)?.body).toEqual({ server: { ...server, config_drive: false } });
  expect(cloud.requests.at(-1)?.headers['openstack-api-version']).toBe('compute 2.74');
});

test('a forced host stands behind its zone, and no other way of pinning beside it', async () => {
  cloud.on('POST', '/v2.1/servers', 'server-create-az-host');

  await cloud.client().compute.createServer({
    ...RECORDED_REQUEST,
    pinning: { kind: 'forced', zone: 'nova', host: 'cmp001' },
    securityGroups: ['probe'],
    keyName: 'ops',
  });

  const { server } = cloud.requests.at(-1)?.body as { server: object };
  expect(server).toMatchObject({
    availability_zone: 'nova:cmp001',
    security_groups: [{ name: 'probe' }],
    key_name: 'ops',
  });
  expect(server).not.toHaveProperty('host');
  expect(server).not.toHaveProperty('hypervisor_hostname');
});

test('a delete is accepted, also again while it lasts, and absent is no failure', async () => {
  cloud.on('DELETE', '/v2.1/servers/x', 'server-delete-204', 'server-delete-again', 'server-delete-404');
  const { compute } = cloud.client();

  const outcomes = [
    await compute.deleteServer('x'),
    await compute.deleteServer('x'),
    await compute.deleteServer('x'),
  ];

  expect(outcomes).toEqual(['accepted', 'accepted', 'absent']);
});

test('metadata is added without replacing other keys', async () => {
  cloud.on('POST', '/v2.1/servers/x/metadata', 'server-metadata-put');

  await cloud.client().compute.setServerMetadata('x', { innervisor_retire_since: '2026-11-24' });

  expect(cloud.requests.at(-1)?.body).toEqual({ metadata: { innervisor_retire_since: '2026-11-24' } });
});

test('removing metadata that is absent is a success', async () => {
  cloud.on('DELETE', '/v2.1/servers/x/metadata/a%2Fb', 'server-delete-204', 'server-show-404');
  const { compute } = cloud.client();

  await compute.deleteServerMetadata('x', 'a/b');
  await compute.deleteServerMetadata('x', 'a/b');

  expect(cloud.count('DELETE', '/v2.1/servers/x/metadata/a%2Fb')).toBe(2);
});

test('a reboot is asked for as in the recording that Nova accepted', async () => {
  cloud.on('POST', '/v2.1/servers/x/action', 'server-reboot-hard-202');

  await cloud.client().compute.rebootServer('x');

  expect(cloud.requests.at(-1)?.body).toEqual(readRecording('server-reboot-hard-202').request.body);
});

test('a deletion for good is accepted, refused while a deletion is under way, and absent is no failure', async () => {
  const refusal = 'server-stop-while-rebooting-409';
  cloud.on('POST', '/v2.1/servers/x/action', 'server-reboot-hard-202', refusal, 'server-show-404');
  const { compute } = cloud.client();

  expect(await compute.forceDeleteServer('x')).toBe('accepted');
  await expect(compute.forceDeleteServer('x')).rejects.toMatchObject({ code: 'conflict', effect: 'none' });
  expect(await compute.forceDeleteServer('x')).toBe('absent');
  expect(cloud.requests.at(-1)?.body).toEqual({ forceDelete: null });
});

describe('a try whether servers may be pinned', () => {
  const { pinning } = RECORDED_REQUEST;

  test('asks for a server that cannot be made, and takes the refusal of its flavor for a yes', async () => {
    const refusal = readRecording('server-create-bad-flavor-400');
    cloud.on('POST', '/v2.1/servers', ({ body }, response) => {
      const { flavorRef } = (body as { server: { flavorRef: string } }).server;
      response
        .writeHead(refusal.response.status, { 'Content-Type': 'application/json' })
        .end(bodyText(refusal).replace('nope', flavorRef));
    });

    await cloud.client().compute.tryPinning(pinning);

    const { server } = cloud.requests.at(-1)?.body as { server: object };
    expect(server).toMatchObject({
      host: 'cmp003',
      hypervisor_hostname: 'cmp003.lab.example',
      networks: 'none',
    });
    expect(cloud.requests.at(-1)?.headers['openstack-api-version']).toBe('compute 2.74');
  });

  test.each([
    ['server-create-host74-403-plain', 'forbidden'],
    ['server-create-unknown-host-74-400', 'badRequest'],
    ['server-create-schema-400', 'badRequest'],
  ] as const)('takes %s for no yes', async (recording, code) => {
    cloud.on('POST', '/v2.1/servers', recording);

    const error = await expectOpenStackError(cloud.client().compute.tryPinning(pinning));

    expect(error).toMatchObject({ code, effect: 'none' });
  });
});
