import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startS3, type S3Server } from '../../lab/servers/index.ts';
import { ensureTools } from '../../lab/tools/index.ts';
import { getAnonymously } from '../../src/objectstore/anonymous.ts';
import { createObjectStore, type ObjectStore } from '../../src/objectstore/client.ts';

/** The first start on a machine fetches the tools, and builds one of them. */
const FIRST_START_MS = 600_000;

const TEXT = { contentType: 'text/plain' };
const GUEST = { accessKeyId: 'guest', secretAccessKey: 'guest-secret-key' };

let server: S3Server;
let root: { readonly accessKeyId: string; readonly secretAccessKey: string };
let store: ObjectStore;

beforeAll(async () => {
  server = await startS3();
  const { accessKeyId, secretAccessKey } = server;
  root = { accessKeyId, secretAccessKey };
  await Promise.all([
    server.createBucket('private'),
    server.createBucket('public', { publicReadPrefix: 'open/' }),
  ]);
  await createGuest();
  store = aStore();
}, FIRST_START_MS);

afterAll(async () => {
  store.close();
  await server.stop();
});

async function createGuest(): Promise<void> {
  const { versitygw } = await ensureTools(['versitygw']);
  const guest = ['--access', GUEST.accessKeyId, '--secret', GUEST.secretAccessKey, '--role', 'user'];
  const args = ['admin', '--endpoint-url', server.endpoint, 'create-user', ...guest];
  const env = { ...process.env, ADMIN_ACCESS_KEY: root.accessKeyId, ADMIN_SECRET_KEY: root.secretAccessKey };
  await promisify(execFile)(versitygw, args, { env });
}

function aStore(credentials: S3ClientConfig['credentials'] = root, bucket = 'private'): ObjectStore {
  return createObjectStore({
    bucket,
    endpoint: server.endpoint,
    region: 'us-east-1',
    requestTimeoutMs: 5_000,
    ...(credentials === undefined ? {} : { credentials }),
  });
}

describe('an object', () => {
  test('comes back with its body and the version that writing it gave', async () => {
    const { etag } = await store.putObject('peers/люксембург.json', 'zażółć\n', TEXT);

    expect(await store.getObject('peers/люксембург.json', { maxBytes: 1_000 })).toEqual({
      body: 'zażółć\n',
      etag,
      lastModified: expect.any(Date),
    });
    expect(await store.headObject('peers/люксембург.json')).toMatchObject({ etag, size: 11 });
  });

  test('that is absent is undefined, and deleting it is a success', async () => {
    expect(await store.getObject('absent', { maxBytes: 1 })).toBeUndefined();
    expect(await store.headObject('absent')).toBeUndefined();
    await expect(store.deleteObject('absent')).resolves.toBeUndefined();
  });

  test('is gone after it was deleted', async () => {
    await store.putObject('deleted', 'x', TEXT);

    await store.deleteObject('deleted');

    expect(await store.headObject('deleted')).toBeUndefined();
  });

  test('is refused when it is longer than its reader allows', async () => {
    await store.putObject('long', 'x'.repeat(100_000), TEXT);

    const get = store.getObject('long', { maxBytes: 99_999 });

    await expect(get).rejects.toMatchObject({ code: 'tooLarge', effect: 'none' });
    expect((await store.getObject('long', { maxBytes: 100_000 }))?.body).toHaveLength(100_000);
  });
});

describe('a conditional write', () => {
  test('for the first version fails when there is one', async () => {
    await store.putObject('first', 'one', { ...TEXT, ifNoneMatch: '*' });

    const put = store.putObject('first', 'two', { ...TEXT, ifNoneMatch: '*' });

    await expect(put).rejects.toMatchObject({ code: 'preconditionFailed', status: 412, effect: 'none' });
    expect(await store.getObject('first', { maxBytes: 10 })).toMatchObject({ body: 'one' });
  });

  test('over a version succeeds while it is the current one, and fails after that', async () => {
    const { etag } = await store.putObject('versions', 'one', TEXT);

    await store.putObject('versions', 'two', { ...TEXT, ifMatch: etag });
    const put = store.putObject('versions', 'three', { ...TEXT, ifMatch: etag });

    await expect(put).rejects.toMatchObject({ code: 'preconditionFailed', effect: 'none' });
    expect(await store.getObject('versions', { maxBytes: 10 })).toMatchObject({ body: 'two' });
  });

  test('over a version of an object that is gone fails in the same way', async () => {
    const { etag } = await store.putObject('gone', 'one', TEXT);
    await store.deleteObject('gone');

    const put = store.putObject('gone', 'two', { ...TEXT, ifMatch: etag });

    await expect(put).rejects.toMatchObject({ code: 'preconditionFailed', effect: 'none' });
    expect(await store.headObject('gone')).toBeUndefined();
  });

  test('is won by exactly one of many that race for the first version', async () => {
    const puts = Array.from({ length: 8 }, (_, index) =>
      store.putObject('race', `writer ${index}`, { ...TEXT, ifNoneMatch: '*' }),
    );

    const results = await Promise.allSettled(puts);

    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'preconditionFailed' });
    }
  });
});

describe('a listing', () => {
  test('goes on over pages, in the order of keys, up to its limit', async () => {
    const directory = join(server.dir, 'buckets', 'private', 'many');
    await mkdir(directory);
    const keys = Array.from({ length: 1_005 }, (_, index) => `many/${String(index).padStart(5, '0')}`);
    await Promise.all(keys.map((key) => writeFile(join(directory, key.slice('many/'.length)), 'x')));

    const all = await store.listObjects('many/', { max: 5_000 });
    const some = await store.listObjects('many/', { max: 1_001 });

    expect(all.map(({ key }) => key)).toEqual(keys);
    expect(some.map(({ key }) => key)).toEqual(keys.slice(0, 1_001));
    expect(all[0]).toMatchObject({ size: 1, lastModified: expect.any(Date) });
  }, 30_000);

  test('of nothing is empty', async () => {
    expect(await store.listObjects('nothing/', { max: 10 })).toEqual([]);
  });
});

describe('what is not allowed', () => {
  test('every operation on a missing bucket says that the bucket is missing', async () => {
    const missing = aStore(root, 'no-such-bucket');
    const attempts = [
      () => missing.getObject('a', { maxBytes: 1 }),
      () => missing.headObject('a'),
      () => missing.putObject('a', 'x', TEXT),
      () => missing.putObject('a', 'x', { ...TEXT, ifMatch: '"1"' }),
      () => missing.listObjects('', { max: 1 }),
      () => missing.deleteObject('a'),
    ];

    for (const attempt of attempts) {
      await expect(attempt()).rejects.toMatchObject({
        code: 'bucketMissing',
        effect: 'none',
        message: expect.stringContaining('no-such-bucket'),
      });
    }
  });

  test('a user without rights is forbidden', async () => {
    const guest = aStore(GUEST);

    await expect(guest.getObject('first', { maxBytes: 10 })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(guest.headObject('first')).rejects.toMatchObject({ code: 'forbidden' });
    await expect(guest.listObjects('', { max: 1 })).rejects.toMatchObject({ code: 'forbidden' });
    await expect(guest.putObject('first', 'x', TEXT)).rejects.toMatchObject({
      code: 'forbidden',
      effect: 'none',
    });
  });

  test.each([
    { accessKeyId: GUEST.accessKeyId, secretAccessKey: 'wrong-secret' },
    { accessKeyId: 'nobody', secretAccessKey: 'wrong-secret' },
  ])('wrong keys of $accessKeyId are not authenticated, and no error holds them', async (credentials) => {
    const put = aStore(credentials).putObject('a', 'x', TEXT);

    const error: unknown = await put.catch((caught: unknown) => caught);

    expect(error).toMatchObject({ code: 'unauthenticated', status: 403, effect: 'none' });
    expect(`${String(error)} ${inspect(error, { depth: 9, showHidden: true })}`).not.toMatch(
      /wrong-secret|Signature=/,
    );
  });
});

describe('a guest without credentials', () => {
  test('is refused what is not public', async () => {
    await store.putObject('secret.json', '{}', TEXT);

    const get = getAnonymously(`${server.endpoint}/private/secret.json`, {
      maxBytes: 1_000,
      timeoutMs: 5_000,
    });

    await expect(get).rejects.toMatchObject({ code: 'forbidden', status: 403 });
  });

  test('reads what a policy has made public, up to the limit', async () => {
    const { etag } = await aStore(root, 'public').putObject('open/peers.json', '{"peers":[]}', TEXT);
    const url = `${server.endpoint}/public/open/peers.json`;

    const read = await getAnonymously(url, { maxBytes: 12, timeoutMs: 5_000 });

    expect(read).toEqual({ body: '{"peers":[]}', etag });
    const short = getAnonymously(url, { maxBytes: 11, timeoutMs: 5_000 });
    await expect(short).rejects.toMatchObject({ code: 'tooLarge' });
    const absent = getAnonymously(`${url}.bak`, { maxBytes: 11, timeoutMs: 5_000 });
    await expect(absent).rejects.toMatchObject({ code: expect.stringMatching(/^(notFound|forbidden)$/) });
  });
});
