import { afterEach, beforeEach, expect, test } from 'vitest';

import type { Credentials } from '../../../src/openstack/client.ts';
import { json, SECRET, startCloud, type Cloud } from './cloud.ts';
import { expectOpenStackError } from './expect-error.ts';
import { readRecording } from './recordings.ts';

const TOKENS = '/v3/auth/tokens';
let cloud: Cloud;

beforeEach(async () => {
  cloud = await startCloud();
  cloud.on('GET', '/v2.1/limits', 'limits');
});
afterEach(() => cloud.close());

function password(): Credentials {
  return {
    kind: 'password',
    authUrl: cloud.origin,
    user: { name: 'prober', domain: { id: 'default' } },
    password: '<password>',
    project: { name: 'probes', domain: { id: 'default' } },
  };
}

test('nothing is sent before the first call', () => {
  cloud.client();

  expect(cloud.requests).toEqual([]);
});

test('a password is sent as in the recording that Keystone accepted', async () => {
  cloud.on('POST', TOKENS, 'token-password');

  await cloud.client({ credentials: password() }).compute.getLimits();

  expect(cloud.requests[0]?.body).toEqual(readRecording('token-password').request.body);
});

test('an application credential is sent without a scope', async () => {
  await cloud.client().compute.getLimits();

  expect(cloud.requests[0]?.body).toEqual({
    auth: {
      identity: {
        methods: ['application_credential'],
        application_credential: { id: 'credential-id', secret: SECRET },
      },
    },
  });
});

test('many calls at once share one token and one version document', async () => {
  cloud.on('GET', '/v2.1/servers/detail', 'server-list-ERROR');
  const { compute } = cloud.client();

  await Promise.all(Array.from({ length: 20 }, () => compute.listServers({})));

  expect(cloud.count('POST', TOKENS)).toBe(1);
  expect(cloud.count('GET', '/v2.1/')).toBe(1);
  expect(cloud.requests.find(({ path }) => path === '/v2.1/')?.headers).not.toHaveProperty('x-auth-token');
});

test('a token that a service refuses is renewed once and the call repeated once', async () => {
  cloud.on('GET', '/v2.1/limits', 'nova-401-invalid-token', 'limits');

  await cloud.client().compute.getLimits();

  const tokens = cloud.requests
    .filter(({ path }) => path === '/v2.1/limits')
    .map((seen) => seen.headers['x-auth-token']);
  expect(cloud.count('POST', TOKENS)).toBe(2);
  expect(new Set(tokens).size).toBe(2);
});

test('many calls whose token is refused share one renewal', async () => {
  const refused = new Set<unknown>();
  cloud.on('GET', '/v2.1/limits', (request, response) => {
    const token = request.headers['x-auth-token'];
    if (refused.size === 0) refused.add(token);
    cloud.reply(response, refused.has(token) ? 'nova-401-invalid-token' : 'limits');
  });
  const { compute } = cloud.client();

  await Promise.all(Array.from({ length: 10 }, () => compute.getLimits()));

  expect(cloud.count('POST', TOKENS)).toBe(2);
});

test.each([
  ['/v2.1/limits', 'nova-401-invalid-token', (c: Cloud) => c.client().compute.getLimits()],
  ['/v2/images', 'glance-401-invalid-token', (c: Cloud) => c.client().image.listImages({ name: 'x' })],
  [
    '/v2.0/networks',
    'neutron-401-invalid-token',
    (c: Cloud) => c.client().network.listNetworks({ name: 'x' }),
  ],
])('a second 401 at %s is a failure', async (path, recording, call) => {
  cloud.on('GET', path, recording);

  const error = await expectOpenStackError(call(cloud));

  expect(error).toMatchObject({ code: 'unauthenticated', status: 401 });
  expect(cloud.count('GET', path)).toBe(2);
});

test('a token that is about to end is renewed before it is used', async () => {
  const { token } = readRecording('token-application-credential').response.body as { token: object };
  const ended = { ...token, expires_at: '2026-11-23T23:17:06.000000Z' };
  cloud.on('POST', TOKENS, (_request, response) => {
    const body = JSON.stringify({ token: ended }).replaceAll('http://127.0.0.1:18774', cloud.origin);
    response.writeHead(201, { 'x-subject-token': 'short-lived' }).end(body);
  });
  const { compute } = cloud.client();

  await compute.getLimits();
  await compute.getLimits();

  expect(cloud.count('POST', TOKENS)).toBe(2);
});

test.each([
  ['token-application-credential-wrong-secret-401', 401],
  ['token-application-credential-unknown-404or401', 404],
  ['token-application-credential-with-scope', 401],
])('%s means that we are not who we say', async (recording, status) => {
  cloud.on('POST', TOKENS, recording);

  const error = await expectOpenStackError(cloud.client().compute.getLimits());

  expect(error).toMatchObject({ code: 'unauthenticated', service: 'identity', status, effect: 'none' });
  expect(error.message).toContain('check the application credential');
  expect(cloud.count('POST', TOKENS)).toBe(1);
});

test('a wrong password is not tried again', async () => {
  cloud.on('POST', TOKENS, 'token-password-wrong-401');

  const error = await expectOpenStackError(cloud.client({ credentials: password() }).compute.getLimits());

  expect(error).toMatchObject({ code: 'unauthenticated', status: 401 });
  expect(cloud.count('POST', TOKENS)).toBe(1);
});

test('a failed renewal is not remembered', async () => {
  cloud.on('POST', TOKENS, json(503, 'busy'), 'token-application-credential');
  const { compute } = cloud.client();

  await expectOpenStackError(compute.getLimits());

  await expect(compute.getLimits()).resolves.toBeDefined();
});

test('a token without a catalog, or an answer without a token, is refused', async () => {
  cloud.on('POST', TOKENS, 'token-unscoped-password', json(201, { token: {} }));

  const unscoped = await expectOpenStackError(cloud.client().compute.getLimits());
  const none = await expectOpenStackError(cloud.client().compute.getLimits());

  expect(unscoped.code).toBe('misconfigured');
  expect(none.code).toBe('malformedResponse');
});

test('one caller who gives up does not take the token from the others', async () => {
  const { compute } = cloud.client();
  const impatient = new AbortController();

  const first = compute.getLimits(impatient.signal);
  const second = compute.getLimits();
  impatient.abort(new Error('shutting down'));

  await expect(first).rejects.toThrow('shutting down');
  await expect(second).resolves.toBeDefined();
  expect(cloud.count('POST', TOKENS)).toBe(1);
});

test('a microversion that is not offered is named with the call and what is offered', async () => {
  const version = { version: { version: '2.60', min_version: '2.1' } };
  cloud.on('GET', '/v2.1/', json(200, version));
  const { compute } = cloud.client();

  const error = await expectOpenStackError(compute.listServers({}));

  expect(error).toMatchObject({ code: 'unsupported', service: 'compute', effect: 'none' });
  expect(error.message).toMatch(
    /cannot list servers: .*offers microversions 2\.1 to 2\.60, but 2\.74 is needed/,
  );
  await expect(compute.getLimits()).resolves.toBeDefined();
});

test('a wrong region or a missing interface is explained with what there is', async () => {
  const region = await expectOpenStackError(cloud.client({ regionName: 'paris' }).compute.getLimits());

  expect(region.code).toBe('misconfigured');
  expect(region.message).toContain('no compute service in region paris, only in RegionOne');
});
