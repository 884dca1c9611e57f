import { writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { startPrometheus, startS3, type PrometheusServer, type S3Server } from '../../lab/servers/index.ts';
import { createObjectPublisher, readServedTargets } from '../../src/activities/publication/object.ts';
import { computeTargets, type TargetGroup } from '../../src/domain/target.ts';
import { createObjectStore, type ObjectStore } from '../../src/objectstore/client.ts';
import { createPrometheusClient } from '../../src/prometheus/client.ts';
import type { HttpServer } from '../../worker/httpServer.ts';
import { startServiceDiscovery } from '../../worker/serviceDiscovery.ts';
import { eventually } from '../support/await.ts';

const OWNER = { installation: 'lab', region: 'luxembourg' };
const KEY = 'targets/luxembourg.json';
const TOKEN = 't0ken-of-prometheus';
const NEVER = new AbortController().signal;

let s3: S3Server;
let store: ObjectStore;
let served: HttpServer[];
let logged: string[];
let buckets = 0;

beforeAll(async () => {
  s3 = await startS3();
}, 600_000);
afterAll(() => s3.stop());
beforeEach(async () => {
  const bucket = `served-${++buckets}`;
  await s3.createBucket(bucket);
  const { endpoint, region, accessKeyId, secretAccessKey } = s3;
  const credentials = { accessKeyId, secretAccessKey };
  store = createObjectStore({ bucket, endpoint, region, requestTimeoutMs: 5_000, credentials });
  served = [];
  logged = [];
});
afterEach(async () => {
  for (const each of served) await each[Symbol.asyncDispose]();
  store.close();
});

function targetsOf(probeIds: readonly string[]): readonly TargetGroup[] {
  const roster = probeIds.map((probeId, index) => ({
    probeId,
    serverId: probeId,
    name: `probe-${probeId}`,
    address: `127.0.0.${index + 1}`,
    hypervisor: 'cmp001.lab.example',
    madeFor: 'cmp001.lab.example',
    availabilityZone: null,
    displaced: false,
  }));
  const policy = { region: OWNER.region, ports: { node: 9 }, labels: {} };
  return computeTargets(roster, policy, OWNER.installation);
}

async function publish(probeIds: readonly string[]): Promise<'written' | 'unchanged'> {
  return await createObjectPublisher({ store, key: KEY }, OWNER).publish(targetsOf(probeIds), NEVER);
}

/** Starts an endpoint as a worker does, and gives its address. */
async function serve(token: string | null = null): Promise<string> {
  const read = (signal: AbortSignal): Promise<string> =>
    readServedTargets({ store, key: KEY }, OWNER, signal);
  const regions = new Map([[OWNER.region, read]]);
  const log = (line: string): void => void logged.push(line);
  const endpoint = await startServiceDiscovery({ host: '127.0.0.1', port: 0, token, regions, log });
  served.push(endpoint);
  return `http://127.0.0.1:${endpoint.port}`;
}

describe('what is served', () => {
  test('is the whole stored list, as Prometheus asks for it', async () => {
    await publish(['0000000a', '0000000b']);

    const response = await fetch(`${await serve()}/targets/luxembourg`);

    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(await response.json()).toEqual(targetsOf(['0000000a', '0000000b']).map((group) => group));
  });

  test('is an empty list only where an empty list was published', async () => {
    const url = `${await serve()}/targets/luxembourg`;

    expect((await fetch(url)).status).toBe(503);
    await publish([]);

    expect(await (await fetch(url)).json()).toEqual([]);
  });

  test('is nothing at all for what is no region, no list or no question', async () => {
    await publish(['0000000a']);
    const url = await serve();

    const statuses = await Promise.all([
      ...['/targets/atlantis', '/targets/', '/', '/targets/../luxembourg', '/targets/luxembourg/x'].map(
        async (path) => (await fetch(`${url}${path}`)).status,
      ),
      (async () => (await fetch(`${url}/targets/luxembourg`, { method: 'POST', body: 'x' })).status)(),
    ]);

    expect(statuses).toEqual([404, 404, 404, 404, 404, 405]);
  });

  test('is written once, and by a condition on what was read', async () => {
    const results = await Promise.allSettled([publish(['0000000a']), publish(['0000000b'])]);

    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(results.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { code: 'preconditionFailed' },
    });
    await publish(['0000000c']);
    expect(await publish(['0000000c'])).toBe('unchanged');
  });
});

describe('what can not be served', () => {
  test.each([
    ['no JSON', '[{', 'is no document of targets'],
    ['a bare list', '[]', 'is no document of targets'],
    ['a flaw', JSON.stringify({ schema: 1, ...OWNER, groups: [{ targets: ['a/b'] }] }), '[0].targets[0]'],
    ['of another region', JSON.stringify({ schema: 1, ...OWNER, region: 'paris', groups: [] }), '"paris"'],
    [
      'of another installation',
      JSON.stringify({ schema: 1, ...OWNER, installation: 'old', groups: [] }),
      '"old"',
    ],
  ])('is a 503 that says why: %s; and it is left as it is', async (_what, body, reason) => {
    await store.putObject(KEY, body, { contentType: 'application/json' });

    const response = await fetch(`${await serve()}/targets/luxembourg`);

    expect(response.status).toBe(503);
    const text = await response.text();
    expect(text).toContain(KEY);
    expect(text).toContain(reason);
    await expect(publish(['0000000a'])).rejects.toThrow(reason);
    expect((await store.getObject(KEY, { maxBytes: 1_000 }))?.body).toBe(body);
  });

  test('is said once in the log, and that it is over', async () => {
    const url = `${await serve()}/targets/luxembourg`;

    await fetch(url);
    await fetch(url);
    await publish([]);
    await fetch(url);
    await fetch(url);

    expect(logged).toEqual([
      expect.stringMatching(
        /^the targets of luxembourg can't be served: .* innervisor reconcile luxembourg$/,
      ),
      'the targets of luxembourg are served again',
    ]);
  });
});

describe('the token', () => {
  test.each([
    ['none', {}],
    ['another', { authorization: 'Bearer wrong' }],
    ['by another scheme', { authorization: `Basic ${TOKEN}` }],
    ['a part of it', { authorization: `Bearer ${TOKEN.slice(1)}` }],
  ])('is asked for: %s is a 401, whatever the region', async (_what, headers) => {
    await publish(['0000000a']);
    const url = await serve(TOKEN);

    const responses = await Promise.all(
      ['luxembourg', 'atlantis'].map((region) => fetch(`${url}/targets/${region}`, { headers })),
    );

    expect(responses.map(({ status }) => status)).toEqual([401, 401]);
    expect(await responses[0]?.text()).not.toContain(TOKEN);
  });

  test('lets in who has it', async () => {
    await publish(['0000000a']);
    const headers = { authorization: `Bearer ${TOKEN}` };

    const response = await fetch(`${await serve(TOKEN)}/targets/luxembourg`, { headers });

    expect(response.status).toBe(200);
  });
});

/** Passes each request to the next of these addresses, as a load balancer does. */
async function startBalancer(
  urls: readonly string[],
): Promise<{ readonly url: string; readonly server: Server }> {
  let turn = 0;
  const pass = async ({ url, headers }: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { authorization = '' } = headers;
    const answer = await fetch(`${urls[turn++ % urls.length]}${url}`, { headers: { authorization } });
    const type = answer.headers.get('content-type') ?? '';
    response.writeHead(answer.status, { 'content-type': type }).end(await answer.text());
  };
  const server = createServer((request, response) => void pass(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

describe('a real Prometheus', () => {
  let prometheus: PrometheusServer;
  let balancer: Server;
  beforeEach(async () => {
    const start = await startBalancer([await serve(TOKEN), await serve(TOKEN)]);
    balancer = start.server;
    const tokenFile = join(s3.dir, 'token');
    await writeFile(tokenFile, TOKEN);
    prometheus = await startPrometheus({ httpSd: { url: `${start.url}/targets/luxembourg`, tokenFile } });
  });
  afterEach(async () => {
    await prometheus.stop();
    balancer.close();
  });

  async function discovered(): Promise<readonly string[]> {
    const client = createPrometheusClient({
      url: prometheus.url,
      auth: { kind: 'none' },
      requestTimeoutMs: 5_000,
    });
    return (await client.listActiveTargets()).map(({ labels }) => labels['probe_id'] ?? '').toSorted();
  }

  async function metric(name: string): Promise<number> {
    const text = await (await fetch(`${prometheus.url}/metrics`)).text();
    return Number(new RegExp(`^${name}(?:{[^}]*})? (.*)$`, 'm').exec(text)?.[1]);
  }

  /** Asks for the targets until Prometheus has refreshed so often, and gives each answer that differs from the last. */
  async function watch(refreshes: number, counter: string): Promise<readonly string[]> {
    const seen = [(await discovered()).join()];
    const until = (await metric(counter)) + refreshes;
    await eventually(
      async () => {
        const now = (await discovered()).join();
        if (now !== seen.at(-1)) seen.push(now);
        return (await metric(counter)) >= until;
      },
      { timeoutMs: 60_000, describe: `${refreshes} more of ${counter}` },
    );
    return seen;
  }

  const REQUESTS = 'prometheus_target_sync_length_seconds_count';
  const FAILURES = 'prometheus_sd_http_failures_total';

  test('has the published set from whichever worker answers, and never anything else in between', async () => {
    await publish(['0000000a', '0000000b']);
    await eventually(async () => (await discovered()).length === 2, {
      timeoutMs: 30_000,
      describe: 'both targets',
    });

    const seen = await watch(3, REQUESTS);

    expect(seen).toEqual(['0000000a,0000000b']);
    await publish(['0000000b']);
    await eventually(async () => (await discovered()).join() === '0000000b', {
      timeoutMs: 30_000,
      describe: 'one target',
    });
  });

  test('keeps its targets while S3 is away, while the document is malformed, and when it is gone', async () => {
    await publish(['0000000a']);
    await eventually(async () => (await discovered()).length === 1, {
      timeoutMs: 30_000,
      describe: 'the target',
    });

    await s3.crash();
    const withoutS3 = await watch(3, FAILURES);
    await s3.restart();
    await store.putObject(KEY, '[]', { contentType: 'application/json' });
    const malformed = await watch(3, FAILURES);
    await store.deleteObject(KEY);
    const absent = await watch(3, FAILURES);

    expect([withoutS3, malformed, absent]).toEqual([['0000000a'], ['0000000a'], ['0000000a']]);
    await publish([]);
    await eventually(async () => (await discovered()).length === 0, {
      timeoutMs: 30_000,
      describe: 'no target',
    });
  });
});
