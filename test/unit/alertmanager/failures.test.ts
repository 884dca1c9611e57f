import { inspect } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';

import {
  createAlertmanagerClient,
  type HttpAuth,
  type SilenceSpec,
} from '../../../src/alertmanager/client.ts';
import { reply, stall, startFakeHttp, type FakeHttp } from '../../contract/fakeHttp.ts';

const servers: FakeHttp[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(...args: Parameters<typeof startFakeHttp>): Promise<FakeHttp> {
  const server = await startFakeHttp(...args);
  servers.push(server);
  return server;
}

function aClient(urls: readonly string[], auth: HttpAuth = { kind: 'none' }, requestTimeoutMs = 5_000) {
  return createAlertmanagerClient({ urls, auth, requestTimeoutMs });
}

const spec: SilenceSpec = {
  matchers: [{ name: 'probe_id', value: '1a2b3c4d', isRegex: true, isEqual: true }],
  startsAt: '2026-01-01T00:00:00Z',
  endsAt: '2026-01-01T01:00:00Z',
  createdBy: 'innervisor/test/luxembourg',
  comment: '',
};

describe('secrets', () => {
  test.each<HttpAuth>([
    { kind: 'basic', username: 'innervisor', password: 'hunter2' },
    { kind: 'bearer', token: 'hunter2' },
  ])('the $kind secret is sent, and is in no error even if the server echoes it', async (auth) => {
    let header = '';
    const server = await start((request, response) => {
      header = request.headers.authorization ?? '';
      response.writeHead(401).end(`${header} / hunter2`);
    });

    const error = await aClient([server.url], auth)
      .listSilences()
      .catch((caught: unknown) => caught);

    expect(header).toMatch(/^(Basic|Bearer) \w/);
    expect(error).toMatchObject({ code: 'unauthenticated', status: 401 });
    const text = `${String(error)} ${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`;
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain(header.split(' ')[1]);
  });

  test('a user and password in a URL are neither sent nor told', async () => {
    let header: string | undefined;
    const server = await start((request, response) => {
      header = request.headers.authorization;
      response.writeHead(403).end();
    });

    const list = aClient([server.url.replace('http://', 'http://admin:hunter2@')]).listSilences();

    await expect(list).rejects.toMatchObject({
      code: 'forbidden',
      message: expect.not.stringContaining('hunter2'),
    });
    expect(header).toBeUndefined();
  });

  test.each(['hunter2 is no URL', 'ftp://admin:hunter2@am.example.net'])('"%s" is refused', (url) => {
    expect(() => aClient([url])).toThrow(expect.objectContaining({ code: 'badRequest' }));
    expect(() => aClient([url])).not.toThrow(/hunter2/);
  });
});

test('a client of no member at all is refused', () => {
  expect(() => aClient([])).toThrow(expect.objectContaining({ code: 'badRequest' }));
});

describe('a member that does not answer in time', () => {
  test('is passed over by a read', async () => {
    const slow = await start(stall);
    const good = await start(reply(200, '[]'));

    const listed = await aClient([slow.url, good.url], { kind: 'none' }, 1_000).listSilences();

    expect(listed).toEqual([]);
  });

  test('ends a write, whose effect is unknown then', async () => {
    const slow = await start(stall);
    const good = await start(reply(200, '{"silenceID":"1"}'));

    const create = aClient([slow.url, good.url], { kind: 'none' }, 1_000).createSilence(spec);

    await expect(create).rejects.toMatchObject({ code: 'timeout', effect: 'unknown' });
    expect(good.requests).toEqual([]);
  });

  test('ends a write too when it breaks the connection after having got the request', async () => {
    const broken = await start((request) => request.socket.destroy());
    const good = await start(reply(200, '{"silenceID":"1"}'));

    const create = aClient([broken.url, good.url]).createSilence(spec);

    await expect(create).rejects.toMatchObject({ code: 'unreachable', effect: 'unknown' });
    expect(good.requests).toEqual([]);
  });
});

test('a proxy without a server behind it is passed over by a read', async () => {
  const proxy = await start(reply(502, 'Bad Gateway'));
  const good = await start(reply(200, '[]'));

  expect(await aClient([proxy.url, good.url]).listSilences()).toEqual([]);
});

test('a redirect is not followed and is told as a wrong address', async () => {
  const server = await start(reply(302, '', { location: '/login' }));

  const list = aClient([server.url]).listSilences();

  await expect(list).rejects.toMatchObject({ code: 'malformedResponse', status: 302 });
  expect(server.requests).toEqual(['GET /api/v2/silences']);
});

test('no request is repeated, and the wait that the server asks for is told', async () => {
  const server = await start(reply(503, 'busy', { 'retry-after': '7' }));

  const list = aClient([server.url]).listSilences();

  await expect(list).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 7_000 });
  expect(server.requests).toHaveLength(1);
});

test.each(['<html>', '{}', '[{"id":"1"}]'])('the answer %s is malformed', async (body) => {
  const server = await start(reply(200, body));

  await expect(aClient([server.url]).listSilences()).rejects.toMatchObject({ code: 'malformedResponse' });
});

test('an endless answer is cut off', async () => {
  const server = await start((_request, response) => {
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const pump = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', pump);
    pump();
  });

  await expect(aClient([server.url]).listSilences()).rejects.toMatchObject({
    code: 'malformedResponse',
    message: expect.stringContaining('longer than'),
  });
});

test('the path of the base URL stays in front', async () => {
  const server = await start(reply(200, '[]'));

  await aClient([`${server.url}/alertmanager/`]).listAlerts(['a="b"', 'c!="d"']);

  expect(server.requests).toEqual([
    'GET /alertmanager/api/v2/alerts?filter=a%3D%22b%22&filter=c%21%3D%22d%22',
  ]);
});

test("an aborted call ends with the signal's own reason", async () => {
  const server = await start(stall);
  const reason = new Error('the pass was cancelled');
  const controller = new AbortController();

  const list = aClient([server.url]).listSilences({}, controller.signal);
  await expect.poll(() => server.requests).toHaveLength(1);
  controller.abort(reason);

  await expect(list).rejects.toBe(reason);
});

test('a fault of the server is not taken for an absent silence', async () => {
  const server = await start((request, response) => {
    response.writeHead(request.method === 'DELETE' ? 500 : 200);
    response.end(
      request.method === 'DELETE'
        ? '"disk full"'
        : JSON.stringify({ ...spec, id: '1', status: { state: 'active' }, updatedAt: spec.startsAt }),
    );
  });

  const expire = aClient([server.url]).expireSilence('1');

  await expect(expire).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('disk full'),
  });
});
