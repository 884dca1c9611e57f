import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import { freePorts } from '../../../lab/servers/port.ts';
import type { RegionDeps } from '../../../src/activities/deps.ts';
import { json, SECRET, type Answer } from '../openstack/cloud.ts';
import { flavor, image, network, probeServer, serverPage } from './healthyCloud.ts';
import {
  alertmanagerAt,
  createWorld,
  failureOf,
  INPUT,
  INSTALLATION,
  PEERS_KEY,
  publicationAt,
  REGION,
  run,
  snapshot,
  startServers,
  type Servers,
  type World,
} from './world.ts';

const IMAGES = '/v2/images';
const FLAVORS = '/v2.1/flavors/detail';
const NETWORKS = '/v2.0/networks';

/** Of accounts that may not do what is tried. */
const S3_SECRETS = ['s3cret-of-nobody', 'wr0ng-secret-0f-s3'] as const;

let servers: Servers;
let world: World;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers);
});
afterEach(() => world.close());

/** What the first step says to what is wrong, after it has been seen that it left everything as it was. */
async function refusal(changes: Partial<RegionDeps> = {}, region = REGION) {
  const before = await snapshot(world, servers);
  const { listInventory } = world.activities(changes);
  const attempt = run(listInventory, { ...INPUT, region });
  const { type, nonRetryable, message } = await failureOf(attempt, [
    servers.s3.secretAccessKey,
    ...S3_SECRETS,
  ]);
  expect(await snapshot(world, servers)).toEqual(before);
  return { type, terminal: nonRetryable === true, message };
}

async function closedUrl(): Promise<string> {
  const [port] = await freePorts(1);
  return `http://127.0.0.1:${port}`;
}

test('a healthy region is listed, so that each refusal here has its own reason', async () => {
  const listed = await run(world.activities().listInventory, INPUT);
  expect(listed).toMatchObject({ hypervisors: 1, probes: 0, unlisted: 0 });
});

test('a region that the configuration lacks is refused and the known ones are named', async () => {
  expect(await refusal({}, 'atlantis')).toEqual({
    type: 'invalidConfig',
    terminal: true,
    message: `region "atlantis" is not in this worker's innervisor.yaml; it has: ${REGION}`,
  });
  expect(world.cloud.requests).toEqual([]);
});

test('a region of another task queue is refused and that task queue is named', async () => {
  expect(await refusal({}, 'far')).toEqual({
    type: 'invalidConfig',
    terminal: true,
    message: `region "far" is on task queue "site-b", and this worker's has: ${REGION}; start it on its own task queue`,
  });
});

test.each([
  ['image', 'image', IMAGES, json(200, { images: [] })],
  ['flavor', 'flavor', FLAVORS, json(200, { flavors: [flavor('f', 'other')] })],
  ['network', 'networks', NETWORKS, json(200, { networks: [] })],
])('the %s that is in no list is refused with the key to correct', async (what, key, path, answer) => {
  world.cloud.on('GET', path, answer);
  const { type, terminal, message } = await refusal();
  expect({ type, terminal }).toEqual({ type: 'invalidConfig', terminal: true });
  expect(message).toContain(`no ${what} "probe-${what}"`);
  expect(message).toContain(`correct regions.${REGION}.probe.${key}`);
});

test.each<[string, string, string, Answer]>([
  ['image', 'image', IMAGES, json(200, { images: [image('one'), image('two')] })],
  ['flavor', 'flavor', FLAVORS, json(200, { flavors: [flavor('one'), flavor('two')] })],
  ['network', 'networks', NETWORKS, json(200, { networks: [network('one'), network('two')] })],
])('the %s name that two things are called is refused with both ids', async (what, key, path, answer) => {
  world.cloud.on('GET', path, answer);
  const { type, terminal, message } = await refusal();
  expect({ type, terminal }).toEqual({ type: 'invalidConfig', terminal: true });
  expect(message).toContain(`2 matches for ${what} "probe-${what}" (one, two)`);
  expect(message).toContain(`make the name unique or correct regions.${REGION}.probe.${key}`);
});

test('credentials that Keystone refuses are terminal', async () => {
  world.cloud.on('POST', '/v3/auth/tokens', 'token-application-credential-wrong-secret-401');
  const { type, terminal, message } = await refusal();
  expect({ type, terminal }).toEqual({ type: 'unauthenticated', terminal: true });
  expect(message).toMatch(/401/);
  expect(message).toMatch(/credential/i);
});

test('a Keystone that repeats the secret in its refusal does not get it into the failure', async () => {
  const error = { code: 401, title: 'Unauthorized', message: `wrong secret ${SECRET}` };
  world.cloud.on('POST', '/v3/auth/tokens', json(401, { error }));
  expect(await refusal()).toMatchObject({ type: 'unauthenticated', terminal: true });
});

test.each(['peersStore', 'artifacts'] as const)('a missing bucket of %s is terminal', async (store) => {
  const { type, terminal, message } = await refusal({ [store]: world.storeOf({ bucket: 'not-there' }) });
  expect({ type, terminal }).toEqual({ type: 'notFound', terminal: true });
  expect(message).toContain('not-there');
  expect(message).toMatch(/create (the bucket|it),? or correct its name/);
});

test.each(['peersStore', 'artifacts'] as const)(
  'an S3 account without rights on %s is terminal',
  async (store) => {
    const keys = { accessKeyId: `nobody-${store.toLowerCase()}`, secretAccessKey: S3_SECRETS[0] };
    await servers.s3.createUser(keys);
    const { type, terminal, message } = await refusal({ [store]: world.storeOf({ keys }) });
    expect({ type, terminal }).toEqual({ type: 'forbidden', terminal: true });
    expect(message).toContain(world.bucket);
    expect(message).toMatch(/right/);
  },
);

test('a wrong S3 secret is terminal and says which key to check', async () => {
  const keys = { accessKeyId: servers.s3.accessKeyId, secretAccessKey: S3_SECRETS[1] };
  const { type, terminal, message } = await refusal({ peersStore: world.storeOf({ keys }) });
  expect({ type, terminal }).toEqual({ type: 'unauthenticated', terminal: true });
  expect(message).toContain(PEERS_KEY);
  expect(message).toContain('check the secret key');
});

test.each([
  ['Alertmanager', (url: string) => ({ alertmanager: alertmanagerAt(url) })],
  ['Prometheus', (url: string) => ({ publication: publicationAt(url, world.targetsPath) })],
])('%s that does not answer is tried again and named with its address', async (name, change) => {
  const url = await closedUrl();
  const { type, terminal, message } = await refusal(change(url));
  expect({ type, terminal }).toEqual({ type: 'unavailable', terminal: false });
  expect(message).toContain(`${name} ${new URL(url).host}`);
  expect(message).toMatch(/check/);
});

test.each(['not json', '{"targets":[]}', '[{"targets":"x"}]'])(
  'a targets file that holds %s is left as it is',
  async (text) => {
    await writeFile(world.targetsPath, text);
    const { type, terminal, message } = await refusal();
    expect({ type, terminal }).toEqual({ type: 'malformedDocument', terminal: true });
    expect(message).toContain(world.targetsPath);
    expect(message).toContain('correct or remove it');
  },
);

test('a folder for the targets that is missing is named before anything is done', async () => {
  const path = join(world.targetsPath, '..', 'missing', 'luxembourg.json');
  const { type, terminal, message } = await refusal({
    publication: publicationAt(servers.prometheus.url, path),
  });
  expect({ type, terminal }).toEqual({ type: 'unavailable', terminal: false });
  expect(message).toContain('missing/luxembourg.json');
  expect(message).toContain('make the directory');
});

const FOREIGN = { schema: 1, generation: 7, peers: [], signature: '' };

test.each(['not json', '[]', JSON.stringify({ ...FOREIGN, schema: 2 })])(
  'a peers document that holds %s is left as it is',
  async (text) => {
    await world.store.putObject(PEERS_KEY, text, { contentType: 'application/json' });
    const { type, terminal, message } = await refusal();
    expect({ type, terminal }).toEqual({ type: 'malformedDocument', terminal: true });
    expect(message).toContain(PEERS_KEY);
    expect(message).toContain('move it away');
  },
);

test.each([
  ['installation', { installation: 'other', region: REGION }],
  ['region', { installation: INSTALLATION, region: 'other' }],
])("another %s's peers document is left as it is", async (_what, owner) => {
  const text = JSON.stringify({ ...FOREIGN, ...owner });
  await world.store.putObject(PEERS_KEY, text, { contentType: 'application/json' });
  const { type, terminal, message } = await refusal();
  expect({ type, terminal }).toEqual({ type: 'claimedByAnother', terminal: true });
  expect(message).toContain('"other"');
  expect(message).toContain(`regions.${REGION}.peers.key`);
});

test('an empty list of hypervisors is terminal and names what to check', async () => {
  world.cloud.on('GET', '/v2.1/os-hypervisors/detail', json(200, { hypervisors: [] }));
  const { type, terminal, message } = await refusal();
  expect({ type, terminal }).toEqual({ type: 'emptyListing', terminal: true });
  expect(message).toContain(REGION);
  expect(message).toMatch(/check the role of the credentials and openstack\.regionName/);
});

test('a second page of servers that fails fails the listing, without the token that the answer repeats', async () => {
  const page = serverPage([probeServer('0000000a', { installation: INSTALLATION, region: REGION })], true);
  world.cloud.on('GET', '/v2.1/servers/detail', page, (request, response) => {
    const message = `broken for ${String(request.headers['x-auth-token'])}`;
    const body = JSON.stringify({ computeFault: { code: 500, message } });
    response.writeHead(500, { 'content-type': 'application/json' }).end(body);
  });
  const { type, terminal, message } = await refusal();
  expect({ type, terminal }).toEqual({ type: 'unavailable', terminal: false });
  expect(message).toMatch(/list servers.*500/);
  expect(world.cloud.count('GET', '/v2.1/servers/detail')).toBe(2);
});
