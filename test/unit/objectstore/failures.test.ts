import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';

import { getAnonymously } from '../../../src/objectstore/anonymous.ts';
import { createObjectStore } from '../../../src/objectstore/client.ts';
import { findDeadUrl, reply, stall, startFakeHttp, type FakeHttp } from '../../contract/fakeHttp.ts';

const TEXT = { contentType: 'text/plain' };
const servers: FakeHttp[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(...args: Parameters<typeof startFakeHttp>): Promise<FakeHttp> {
  const server = await startFakeHttp(...args);
  servers.push(server);
  return server;
}

function aStore(endpoint: string, requestTimeoutMs = 5_000) {
  const credentials = { accessKeyId: 'innervisor', secretAccessKey: 'hunter2' };
  return createObjectStore({ bucket: 'peers', endpoint, region: 'us-east-1', requestTimeoutMs, credentials });
}

describe('a write', () => {
  test('to a server that is not there had no effect', async () => {
    const put = aStore(await findDeadUrl()).putObject('a', 'x', TEXT);

    await expect(put).rejects.toMatchObject({ code: 'unreachable', effect: 'none' });
  });

  test('that is not answered in time may have had one', async () => {
    const server = await start(stall);

    const put = aStore(server.url, 200).putObject('a', 'x', TEXT);

    await expect(put).rejects.toMatchObject({ code: 'timeout', effect: 'unknown' });
  });

  test('whose connection breaks may have had one', async () => {
    const server = await start((request) => request.socket.destroy());

    const put = aStore(server.url).putObject('a', 'x', TEXT);

    await expect(put).rejects.toMatchObject({ code: 'unreachable', effect: 'unknown' });
    expect(server.requests).toHaveLength(1);
  });

  test.each([
    [503, '<Error><Code>SlowDown</Code><Message>m</Message></Error>', 'rateLimited', 'unknown'],
    [500, 'oops', 'unavailable', 'unknown'],
    [
      409,
      '<Error><Code>ConditionalRequestConflict</Code><Message>m</Message></Error>',
      'preconditionFailed',
      'none',
    ],
    [501, '<Error><Code>NotImplemented</Code><Message>m</Message></Error>', 'unsupported', 'none'],
    [418, '<Error><Code>constructor</Code><Message>m</Message></Error>', 'badRequest', 'none'],
    [403, 'a proxy says no', 'forbidden', 'none'],
    [301, '<Error><Code>PermanentRedirect</Code><Message>m</Message></Error>', 'badRequest', 'none'],
    [200, '', 'malformedResponse', 'unknown'],
  ])('answered with %i %s fails once, as %s', async (status, body, code, effect) => {
    const server = await start(reply(status, body, { 'content-type': 'application/xml' }));

    const put = aStore(server.url).putObject('a', 'x', TEXT);

    await expect(put).rejects.toMatchObject({ code, effect });
    expect(server.requests).toHaveLength(1);
  });
});

describe('a read', () => {
  const head = { etag: '"1"', 'last-modified': 'Tue, 24 Nov 2026 00:00:00 GMT' };

  test('of a server that knows no such address is not taken for an absent object', async () => {
    const server = await start(
      reply(404, '<html><h1>404 Not Found</h1></html>', { 'content-type': 'text/html' }),
    );
    const store = aStore(server.url);

    await expect(store.getObject('a', { maxBytes: 100 })).rejects.toMatchObject({ code: 'bucketMissing' });
    await expect(store.headObject('a')).rejects.toMatchObject({ code: 'bucketMissing' });
    await expect(store.deleteObject('a')).rejects.toMatchObject({ code: 'bucketMissing' });
  });

  test('whose body never ends in time fails', async () => {
    const server = await start((_request, response) => {
      response.writeHead(200, { ...head, 'content-length': '10' }).write('half');
    });

    const get = aStore(server.url, 300).getObject('a', { maxBytes: 100 });

    await expect(get).rejects.toMatchObject({ code: 'timeout', effect: 'none' });
  });

  test('whose body is cut off fails instead of giving half of it', async () => {
    const server = await start((_request, response) => {
      response.writeHead(200, { ...head, 'content-length': '10' }).write('half', () => response.destroy());
    });

    const get = aStore(server.url).getObject('a', { maxBytes: 100 });

    await expect(get).rejects.toMatchObject({ name: 'ObjectStoreError', code: 'unreachable' });
  });

  test('of more than its limit is stopped even if the server gives no length', async () => {
    const server = await start((_request, response) => {
      response.writeHead(200, head).write('x'.repeat(100));
      response.end('x');
    });

    const get = aStore(server.url).getObject('a', { maxBytes: 100 });

    await expect(get).rejects.toMatchObject({ code: 'tooLarge' });
  });

  test('of what is no UTF-8 fails', async () => {
    const server = await start((_request, response) => {
      response.writeHead(200, head).end(Buffer.from([0xff, 0xfe]));
    });

    const get = aStore(server.url).getObject('a', { maxBytes: 100 });

    await expect(get).rejects.toMatchObject({ code: 'malformedResponse' });
  });

  test("that is aborted ends with the signal's own reason", async () => {
    const server = await start(stall);
    const reason = new Error('the pass was cancelled');
    const controller = new AbortController();

    const get = aStore(server.url).getObject('a', { maxBytes: 1 }, controller.signal);
    await expect.poll(() => server.requests).toHaveLength(1);
    controller.abort(reason);

    await expect(get).rejects.toBe(reason);
  });

  test('of a page that says it goes on and does not say where fails the listing', async () => {
    const page = '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>';
    const server = await start(reply(200, page, { 'content-type': 'application/xml' }));

    await expect(aStore(server.url).listObjects('a/', { max: 5 })).rejects.toMatchObject({
      code: 'malformedResponse',
    });
    expect(server.requests).toHaveLength(1);
  });
});

describe('secrets', () => {
  test('are in no error, even if the server echoes the request', async () => {
    const server = await start((request, response) => {
      response.writeHead(403, { 'x-echo': request.headers.authorization ?? '' }).end('no');
    });

    const error: unknown = await aStore(server.url.replace('//', '//admin:hunter2@'))
      .putObject('a', 'x', TEXT)
      .catch((caught: unknown) => caught);

    expect(error).toMatchObject({ code: 'forbidden' });
    const text = `${String(error)} ${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`;
    expect(text).not.toMatch(/hunter2|Signature=/);
  });

  test('that cannot be found are told as missing credentials', async () => {
    const credentials = () =>
      Promise.reject(Object.assign(new Error('none'), { name: 'CredentialsProviderError' }));
    const endpoint = await findDeadUrl();
    const store = createObjectStore({
      bucket: 'b',
      endpoint,
      region: 'r',
      requestTimeoutMs: 5_000,
      credentials,
    });

    const put = store.putObject('a', 'x', TEXT);

    await expect(put).rejects.toMatchObject({ code: 'unauthenticated', effect: 'none' });
  });

  test.each(['hunter2', 'ftp://a:hunter2@s3.example.net'])('an endpoint of "%s" is refused', (endpoint) => {
    expect(() => aStore(endpoint)).toThrow(expect.objectContaining({ code: 'badRequest' }));
    expect(() => aStore(endpoint)).not.toThrow(/hunter2/);
  });
});

describe('a public read', () => {
  const limits = { maxBytes: 100, timeoutMs: 300 };

  test.each([
    [302, 'malformedResponse'],
    [401, 'unauthenticated'],
    [404, 'notFound'],
    [429, 'rateLimited'],
    [400, 'badRequest'],
    [503, 'unavailable'],
  ])('answered with %i fails as %s once', async (status, code) => {
    const server = await start(reply(status, '', { location: '/elsewhere' }));

    await expect(getAnonymously(server.url, limits)).rejects.toMatchObject({ code, status });
    expect(server.requests).toHaveLength(1);
  });

  test('tells a dead server from a slow one', async () => {
    const slow = await start(stall);

    await expect(getAnonymously(slow.url, limits)).rejects.toMatchObject({ code: 'timeout' });
    await expect(getAnonymously(await findDeadUrl(), limits)).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('sends and tells neither password nor query of the URL', async () => {
    let seen = '';
    const server = await start((request, response) => {
      seen = `${request.url} ${request.headers.authorization ?? ''}`;
      response.writeHead(403).end();
    });
    const url = `${server.url.replace('//', '//admin:hunter2@')}/peers.json?X-Amz-Signature=hunter2`;

    await expect(getAnonymously(url, limits)).rejects.not.toThrow(/hunter2/);
    expect(seen).toBe('/peers.json ');
    await expect(getAnonymously('hunter2', limits)).rejects.toMatchObject({ code: 'badRequest' });
  });
});
