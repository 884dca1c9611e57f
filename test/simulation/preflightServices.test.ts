import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PutBucketPolicyCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { S3Server } from '../../lab/servers/index.ts';
import type { RegionDeps } from '../../src/activities/deps.ts';
import { createObjectStore, type ObjectStore } from '../../src/objectstore/client.ts';
import { alertmanagerAt, INPUT, publicationAt, startServers, type Servers } from '../contract/steps/world.ts';
import { found, lookAt } from './support/preflight.ts';
import { startRegion, type Region } from './support/region.ts';

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

/** A bucket as an account sees it that may list and read, and no more. */
async function openReadOnlyBucket(s3: S3Server): Promise<ObjectStore> {
  const bucket = 'read-only';
  const reader = { accessKeyId: 'reader', secretAccessKey: 'secret-of-reader' };
  const { endpoint, region: s3Region, accessKeyId, secretAccessKey } = s3;
  await s3.createBucket(bucket);
  await s3.createUser(reader);
  const resource = `arn:aws:s3:::${bucket}`;
  const allowed = { Effect: 'Allow', Principal: { AWS: [reader.accessKeyId] } };
  const statements = [
    { ...allowed, Action: 's3:ListBucket', Resource: resource },
    { ...allowed, Action: 's3:GetObject', Resource: `${resource}/*` },
  ];
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  const credentials = { accessKeyId, secretAccessKey };
  const root = new S3Client({ endpoint, region: s3Region, credentials, forcePathStyle: true });
  await root.send(new PutBucketPolicyCommand({ Bucket: bucket, Policy: policy }));
  root.destroy();
  return createObjectStore({
    ...{ bucket, endpoint, region: s3Region, requestTimeoutMs: 5_000, credentials: reader },
  });
}

/** What forbids more than the server behind it, as proxies may. */
async function startProxy(
  answer: (method: string, path: string) => Promise<{ readonly status: number; readonly body: string }>,
) {
  const server = createServer((request, response) => {
    void answer(request.method ?? '', request.url ?? '').then(({ status, body }) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

test('tells whether Alertmanager, or what is in front of it, forbids silences', async () => {
  const { url } = servers.alertmanager;
  await using proxy = await startProxy(async (method, path) => {
    if (method === 'POST') return { status: 403, body: 'read only' };
    const answer = await fetch(`${url}${path}`);
    return { status: answer.status, body: await answer.text() };
  });

  const [open, readOnly] = [await look(), await look({ alertmanager: alertmanagerAt(proxy.url) })];

  expect(found(open, 'Alertmanager')).toMatchObject({
    status: 'pass',
    detail: 'it answers, and its silences can be read and made',
  });
  expect(found(readOnly, 'Alertmanager')).toMatchObject({
    status: 'fail',
    detail: expect.stringMatching(/cannot ask for a silence that it must refuse .*HTTP 403: read only/),
  });
  expect(await alertmanagerAt(url).listSilences()).toEqual([]);
});

test('a list of peers that is there is left as it is', async () => {
  const body = '{"kept":true}';
  await region.store.putObject(region.deps.peersKey, body, { contentType: 'application/json' });

  const report = await look();

  expect(found(report, 'peers in S3')).toMatchObject({
    status: 'pass',
    detail: 'peers/luxembourg.json is there, and may be written',
  });
  expect((await region.store.getObject(region.deps.peersKey, { maxBytes: 100 }))?.body).toBe(body);
  expect(await region.objects()).toEqual([region.deps.peersKey]);
});

test('what an attempt has left that was killed is no flaw of the S3 server, and goes', async () => {
  const scratch = `preflight-${INPUT.pass}.json`;
  for (const key of [`passes/luxembourg/${scratch}`, `${region.deps.peersKey}.${scratch}`])
    await region.store.putObject(key, '{}', { contentType: 'application/json' });

  const report = await look();

  expect(report.checks.filter(({ status }) => status !== 'pass')).toEqual([]);
  expect(await region.objects()).toEqual([]);
});

test('guests must be able to read the list of peers, before it is there and after', async () => {
  const { s3 } = servers;
  const { accessKeyId, secretAccessKey, endpoint, region: s3Region } = s3;
  await s3.createBucket('private');
  const hidden = createObjectStore({
    ...{ bucket: 'private', endpoint, region: s3Region, requestTimeoutMs: 5_000 },
    credentials: { accessKeyId, secretAccessKey },
  });
  const peers = { peersStore: hidden, peersUrl: `${endpoint}/private/${region.deps.peersKey}` };

  const absent = await look(peers);
  await hidden.putObject(region.deps.peersKey, '{}', { contentType: 'application/json' });
  const forbidden = await look(peers);
  const elsewhere = await look({ peersUrl: `${NOWHERE}/${region.deps.peersKey}` });

  expect(await hidden.listObjects('', { max: 9 })).toHaveLength(1);
  hidden.close();
  for (const report of [absent, forbidden])
    expect(found(report, 'peers for guests')).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('without credentials: HTTP 403'),
    });
  expect(found(elsewhere, 'peers for guests')).toMatchObject({ status: 'unknown' });
});

test('targets that can be written nowhere fail', async () => {
  const { prometheus } = servers;
  const report = await look({ publication: publicationAt(prometheus.url, '/nowhere/targets.json') });

  expect(found(report, 'targets at /nowhere/targets.json')).toMatchObject({
    status: 'fail',
    detail: expect.stringContaining('make the directory'),
  });
});

test('a bucket that can only be read fails for documents, and is unknown for the list of peers', async () => {
  const reader = await openReadOnlyBucket(servers.s3);

  const report = await look({ artifacts: reader, peersStore: reader });
  reader.close();

  expect(found(report, 'artifacts in S3')).toMatchObject({ status: 'fail' });
  expect(found(report, 'peers in S3')).toMatchObject({
    status: 'unknown',
    cure: 'see that the account may write peers/luxembourg.json; the first pass tells',
  });
});
