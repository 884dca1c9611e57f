import { inspect } from 'node:util';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { CreateServer } from '../../../src/openstack/client.ts';
import { hang, json, reset, SECRET, startCloud, type Cloud } from './cloud.ts';
import { expectOpenStackError } from './expect-error.ts';

let cloud: Cloud;

beforeEach(async () => {
  cloud = await startCloud();
});
afterEach(() => cloud.close());

const REQUEST: CreateServer = {
  name: 'probe-cmp001',
  flavorId: 'probe',
  imageId: 'image',
  networkIds: ['network'],
  securityGroups: [],
  keyName: null,
  configDrive: true,
  metadata: {},
  tags: ['innervisor'],
  pinning: { kind: 'requested', host: 'cmp001', hypervisorHostname: 'cmp001.lab.example' },
};
const create = (options?: Parameters<Cloud['client']>[0]) =>
  cloud.client(options).compute.createServer(REQUEST);

test.each([
  ['server-create-403-quota', 'quotaExceeded', 'Quota exceeded for instances'],
  ['server-create-port-quota-403', 'quotaExceeded', 'Maximum number of ports exceeded'],
  ['server-create-az-host-403-plain', 'forbidden', 'os_compute_api:servers:create:forced_host'],
  ['server-create-host74-403-plain', 'forbidden', 'compute:servers:create:requested_destination'],
  ['server-create-bad-flavor-400', 'badRequest', 'Flavor nope could not be found.'],
  ['server-create-bad-image-400', 'badRequest', 'Can not find requested image'],
  ['server-create-unknown-host-74-400', 'badRequest', 'Compute host nohost could not be found.'],
  ['server-create-schema-400', 'badRequest', 'Invalid input'],
  ['nova-406-too-high-microversion', 'unsupported', 'Version 2.999 is not supported'],
  ['flavor-404', 'notFound', 'Flavor nope could not be found.'],
  ['network-create-409-quota', 'quotaExceeded', "Quota exceeded for resources: ['network']"],
  ['port-create-ip-in-use-409', 'conflict', 'IP address 10.77.2.62 already allocated'],
  ['placement-403-plain', 'forbidden', 'placement:resource_providers:list'],
] as const)('%s of a create is %s and left nothing behind', async (recording, code, text) => {
  cloud.on('POST', '/v2.1/servers', recording);

  const error = await expectOpenStackError(create());

  expect(error).toMatchObject({ code, effect: 'none', service: 'compute' });
  expect(error.message).toContain(text);
  expect(error.message).toMatch(/^cannot create server \(POST 127\.0\.0\.1:\d+\/v2\.1\/servers\): 4\d\d /);
});

test('a locked server is a conflict, and the request can be found in the log of Nova', async () => {
  cloud.on('DELETE', '/v2.1/servers/x', 'server-delete-locked-by-admin');

  const error = await expectOpenStackError(cloud.client().compute.deleteServer('x'));

  expect(error).toMatchObject({ code: 'conflict', status: 409, effect: 'none' });
  expect(error.requestId).toMatch(/^req-[0-9a-f-]{36}$/);
  expect(error.message).toContain(error.requestId);
});

test('the name of a missing policy is kept', async () => {
  cloud.on('GET', '/v2.1/os-hypervisors/detail', 'os-hypervisors-403-plain');

  const error = await expectOpenStackError(cloud.client().compute.listHypervisors());

  expect(error.code).toBe('forbidden');
  expect(error.message).toContain('os_compute_api:os-hypervisors:list-detail');
});

test.each([
  ['image-404', '/v2/images', 'notFound'],
  ['network-404', '/v2.0/networks', 'notFound'],
] as const)('%s is told without HTML', async (recording, path, code) => {
  cloud.on('GET', path, recording);
  const { image, network } = cloud.client();

  const call = path === '/v2/images' ? image.listImages({ name: 'x' }) : network.listNetworks({ name: 'x' });
  const error = await expectOpenStackError(call);

  expect(error.code).toBe(code);
  expect(error.message).not.toMatch(/[<>\n]/);
});

test.each([
  [500, 'unavailable', 'unknown'],
  [502, 'unavailable', 'unknown'],
  [503, 'unavailable', 'none'],
  [504, 'timeout', 'unknown'],
  [429, 'rateLimited', 'none'],
  [302, 'misconfigured', 'none'],
] as const)(
  'after %i, which is %s, the effect of a create is %s and of a listing none',
  async (status, code, effect) => {
    const answer = json(
      status,
      { computeFault: { code: status, message: 'no' } },
      { location: 'http://192.0.2.1/' },
    );
    cloud.on('POST', '/v2.1/servers', answer).on('GET', '/v2.1/servers/detail', answer);

    const write = await expectOpenStackError(create());
    const read = await expectOpenStackError(cloud.client().compute.listServers({}));

    expect(write).toMatchObject({ code, effect, status });
    expect(read).toMatchObject({ code, effect: 'none', status });
    expect(cloud.count('POST', '/v2.1/servers')).toBe(1);
  },
);

test('a pause that the service asks for is kept, in seconds or as a date', async () => {
  const date = new Date(Date.now() + 600_000).toUTCString();
  cloud.on(
    'GET',
    '/v2.1/limits',
    json(429, 'slow down', { 'retry-after': '7' }),
    json(503, 'busy', { 'retry-after': date }),
  );
  const { compute } = cloud.client();

  const seconds = await expectOpenStackError(compute.getLimits());
  const dated = await expectOpenStackError(compute.getLimits());

  expect(seconds).toMatchObject({ code: 'rateLimited', retryAfterMs: 7_000 });
  expect(dated.retryAfterMs).toBeGreaterThan(60_000);
  expect(dated.retryAfterMs).toBeLessThanOrEqual(600_000);
});

test('a connection that breaks after the request was sent leaves the effect of a create unknown', async () => {
  cloud.on('POST', '/v2.1/servers', reset).on('GET', '/v2.1/servers/detail', reset);

  const write = await expectOpenStackError(create());
  const read = await expectOpenStackError(cloud.client().compute.listServers({}));

  expect(write).toMatchObject({ code: 'connection', effect: 'unknown', status: undefined });
  expect(read).toMatchObject({ code: 'connection', effect: 'none' });
  expect(cloud.count('POST', '/v2.1/servers')).toBe(1);
});

test('a create without an answer in time may have happened', async () => {
  cloud.on('POST', '/v2.1/servers', hang);

  const error = await expectOpenStackError(create({ requestTimeoutMs: 1_000 }));

  expect(error).toMatchObject({ code: 'timeout', effect: 'unknown' });
});

test('a service that is not there was not changed', async () => {
  const client = cloud.client();
  await cloud.close();

  const error = await expectOpenStackError(client.compute.createServer(REQUEST));

  expect(error).toMatchObject({ code: 'connection', effect: 'none' });
  expect(error.message).toContain('ECONNREFUSED');
  cloud = await startCloud();
});

test('an answer that is not what it should be names the field, and a create may have happened', async () => {
  cloud.on('POST', '/v2.1/servers', json(202, { server: {} }), json(202, 'no'), (_request, response) => {
    response.writeHead(202).end('<html>');
  });

  const field = await expectOpenStackError(create());
  const shape = await expectOpenStackError(create());
  const html = await expectOpenStackError(create());

  expect(field).toMatchObject({ code: 'malformedResponse', effect: 'unknown' });
  expect(field.message).toContain('server.id');
  expect(shape.code).toBe('malformedResponse');
  expect(html.message).toContain('it is not JSON');
});

test.each([
  [
    'an echo of our headers',
    (token: string) => json(400, { badRequest: { code: 400, message: `bad token ${token}` } }),
  ],
  ['an echo of our secret', () => json(500, `error near "${SECRET}" <b>${SECRET}</b>`)],
  [
    'a password of the server',
    () => json(409, { conflictingRequest: { code: 409, message: '{"adminPass": "Vu5fC4YdsgMc"}' } }),
  ],
  ['a broken connection', () => reset],
])('%s leaves no secret in the error, however it is printed', async (_case, answer) => {
  cloud.on('POST', '/v2.1/servers', (request, response) => {
    const token = String(request.headers['x-auth-token']);
    const reply = answer(token);
    if (typeof reply !== 'string') reply(request, response, cloud);
  });

  const error = await expectOpenStackError(create());

  const token = String(cloud.requests.at(-1)?.headers['x-auth-token']);
  const printed = [
    String(error),
    error.stack,
    JSON.stringify(error),
    inspect(error, { depth: 10, showHidden: true }),
  ];
  for (const secret of [token, SECRET, 'Vu5fC4YdsgMc']) {
    expect(printed.filter((text) => text?.includes(secret))).toEqual([]);
  }
  expect(error.cause).toBeUndefined();
});

test('an answer without end is cut off', async () => {
  cloud.on('GET', '/v2.1/limits', (_request, response) => {
    const chunk = Buffer.alloc(1024 * 1024, 0x20);
    const write = () => {
      while (!response.destroyed && response.write(chunk));
      response.once('drain', write);
    };
    response.writeHead(200);
    write();
  });

  const error = await expectOpenStackError(cloud.client().compute.getLimits());

  expect(error.code).toBe('malformedResponse');
  expect(error.message).toContain('longer than');
});
