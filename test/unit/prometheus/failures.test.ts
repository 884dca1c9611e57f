import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect, promisify } from 'node:util';
import { afterEach, describe, expect, test } from 'vitest';

import { createPrometheusClient, type HttpAuth, type HttpTls } from '../../../src/prometheus/client.ts';
import { findDeadUrl, reply, stall, startFakeHttp, type FakeHttp } from '../../contract/fakeHttp.ts';

const servers: FakeHttp[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
});

async function start(...args: Parameters<typeof startFakeHttp>): Promise<FakeHttp> {
  const server = await startFakeHttp(...args);
  servers.push(server);
  return server;
}

interface ClientFields {
  readonly auth?: HttpAuth;
  readonly tls?: HttpTls;
  readonly requestTimeoutMs?: number;
}

function aClient(url: string, fields: ClientFields = {}) {
  return createPrometheusClient({ url, auth: { kind: 'none' }, requestTimeoutMs: 5_000, ...fields });
}

test.each<HttpAuth>([
  { kind: 'basic', username: 'innervisor', password: 'hunter2' },
  { kind: 'bearer', token: 'hunter2' },
])('the $kind secret is in no error, even if the server echoes it', async (auth) => {
  let header = '';
  const server = await start((request, response) => {
    header = request.headers.authorization ?? '';
    response.writeHead(500).end(`${header} / hunter2`);
  });
  const client = aClient(server.url.replace('//', '//admin:hunter2@'), { auth });

  for (const call of [
    () => client.listActiveTargets(),
    () => client.reload(),
    () => client.queryInstant('up'),
  ]) {
    const error: unknown = await call().catch((caught: unknown) => caught);

    expect(error).toMatchObject({ name: 'PrometheusError', status: 500 });
    const text = `${String(error)} ${inspect(error, { depth: 9, showHidden: true })} ${JSON.stringify(error)}`;
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain(header.split(' ')[1]);
  }
});

test.each(['hunter2 is no URL', 'ftp://admin:hunter2@prom.example.net'])('the URL "%s" is refused', (url) => {
  expect(() => aClient(url)).toThrow(expect.objectContaining({ code: 'badRequest' }));
  expect(() => aClient(url)).not.toThrow(/hunter2/);
});

describe('a reload', () => {
  test('that is not answered in time may have happened', async () => {
    const server = await start(stall);

    const reload = aClient(server.url, { requestTimeoutMs: 1_000 }).reload();

    await expect(reload).rejects.toMatchObject({ code: 'timeout', effect: 'unknown' });
    expect(server.requests).toEqual(['POST /-/reload']);
  });

  test('at a server that is not there did not happen', async () => {
    const reload = aClient(await findDeadUrl()).reload();

    await expect(reload).rejects.toMatchObject({ code: 'unreachable', effect: 'none' });
  });

  test.each([
    [405, 'forbidden'],
    [503, 'unavailable'],
    [404, 'notFound'],
    [302, 'malformedResponse'],
  ])('answered with %i fails as %s', async (status, code) => {
    const server = await start(reply(status, '', { location: '/login' }));

    await expect(aClient(server.url).reload()).rejects.toMatchObject({ code, status });
    expect(server.requests).toHaveLength(1);
  });
});

test.each([
  '<html>',
  '{"status":"success"}',
  '{"status":"success","data":{"activeTargets":[{}]}}',
  '{"status":"error","errorType":"x","error":"y"}',
])('the answer %s is malformed', async (body) => {
  const server = await start(reply(200, body));

  await expect(aClient(server.url).listActiveTargets()).rejects.toMatchObject({ code: 'malformedResponse' });
});

test('an old server that answers with every scrape pool does not mislead', async () => {
  const target = { discoveredLabels: {}, labels: {}, scrapeUrl: 'u', health: 'unknown', lastError: '' };
  const activeTargets = ['a', 'b'].map((scrapePool) => ({
    ...target,
    scrapePool,
    lastScrape: '0001-01-01T00:00:00Z',
  }));
  const server = await start(reply(200, JSON.stringify({ status: 'success', data: { activeTargets } })));

  const listed = await aClient(server.url).listActiveTargets({ scrapePool: 'b' });

  expect(listed).toEqual([{ ...target, scrapePool: 'b', lastScrape: undefined }]);
  expect(server.requests).toEqual(['GET /api/v1/targets?state=active&scrapePool=b']);
});

test("an aborted query ends with the signal's own reason", async () => {
  const server = await start(stall);
  const reason = new Error('the pass was cancelled');
  const controller = new AbortController();

  const query = aClient(server.url).queryInstant('up', controller.signal);
  await expect.poll(() => server.requests).toHaveLength(1);
  controller.abort(reason);

  await expect(query).rejects.toBe(reason);
});

test('a server whose certificate is not trusted gets no request, and one whose is gets it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'innervisor-'));
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const args = ['req', '-x509', ...curve, '-nodes', '-keyout', 'key.pem', '-out', 'cert.pem', ...subject];
  await promisify(execFile)('openssl', args, { cwd: directory });
  const [key, cert] = await Promise.all(
    ['key.pem', 'cert.pem'].map((name) => readFile(join(directory, name), 'utf8')),
  );
  await rm(directory, { recursive: true });
  let requests = 0;
  const server = createServer({ key, cert }, (_request, response) => {
    requests += 1;
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  try {
    await expect(aClient(url).reload()).rejects.toMatchObject({ code: 'unreachable', effect: 'none' });
    expect(requests).toBe(0);

    await aClient(url, { tls: { ca: cert } }).reload();
    expect(requests).toBe(1);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});
