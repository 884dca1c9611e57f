import { readFileSync } from 'node:fs';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { parseConfig, type Config } from '../../../src/config/index.ts';
import { createPublication } from '../../../worker/publication.ts';
import { serveTargets } from '../../../worker/served.ts';
import { createObjectStore } from '../../../src/objectstore/client.ts';
import { freePorts } from '../../../lab/servers/port.ts';

const minimal = readFileSync(new URL('../../fixtures/config/minimal.yaml', import.meta.url), 'utf8');
const FILE = 'publish: { kind: file, path: /etc/prometheus/one.json }';
const HTTP = 'publish: { kind: http, key: targets/one.json }';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'innervisor-'));
});
afterEach(() => rm(directory, { recursive: true }));

function configOf(publish: string, rest = ''): Config {
  return parseConfig(`${minimal.replace(FILE, publish)}${rest}`, 'innervisor.yaml');
}

describe('what a worker serves', () => {
  test('is nothing where no region publishes by http, or another worker serves', async () => {
    const off = configOf(HTTP, 'serviceDiscovery: { listen: null }\n');

    expect(await serveTargets(configOf(FILE), () => undefined)).toBeUndefined();
    expect(await serveTargets(off, () => undefined)).toBeUndefined();
  });

  test('is refused with the key to correct where the port is taken', async () => {
    const [port] = await freePorts(1);
    const config = configOf(HTTP, `serviceDiscovery: { listen: "127.0.0.1:${port}" }\n`);
    await using served = await serveTargets(config, () => undefined);

    expect(served?.port).toBe(port);
    await expect(serveTargets(config, () => undefined)).rejects.toThrow(
      new RegExp(
        `^serviceDiscovery\\.listen: cannot listen at 127\\.0\\.0\\.1:${port}: .*or null if another worker`,
      ),
    );
  });

  test('asks for the token that is in the file', async () => {
    const [port] = await freePorts(1);
    const tokenFile = join(directory, 'token');
    await writeFile(tokenFile, 't0ken\n');
    const config = configOf(
      HTTP,
      `serviceDiscovery: { listen: "127.0.0.1:${port}", tokenFile: ${tokenFile} }\n`,
    );
    await using served = await serveTargets(config, () => undefined);

    const statusOf = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`http://127.0.0.1:${served?.port}/targets/two`, { headers })).status;

    expect(await statusOf({})).toBe(401);
    expect(await statusOf({ authorization: 'Bearer t0ken' })).toBe(404);
  });
});

describe('the servers of a region', () => {
  test('share the document of the first one unless they have one of their own', async () => {
    const two =
      '{ url: http://p2.example.net:9090 }, { url: http://p3.example.net, publish: { kind: file, path: /p3.json } }';
    const { one } = configOf(`replicas: [${two}], required: any, reload: true, ${FILE}`).regions;
    if (one === undefined) throw new Error('there is no such region');
    const store = createObjectStore({ bucket: 'b', region: 'us-east-1', requestTimeoutMs: 1_000 });

    const owner = { installation: 'prod', region: 'one' };
    const { replicas, ...rest } = await createPublication(one, {
      owner,
      store,
      key: 'regions.one.prometheus',
    });

    expect(rest).toEqual({ required: 'any', reload: true });
    expect(replicas.map(({ name }) => name)).toEqual([
      'prom.example.net',
      'p2.example.net:9090',
      'p3.example.net',
    ]);
    expect(replicas[1]?.publisher).toBe(replicas[0]?.publisher);
    expect(replicas[2]?.publisher.advice).toContain('/p3.json');
  });

  test('that are published to by SFTP need its key', async () => {
    const hostKey = 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
    const sftp = `{ kind: sftp, host: h, user: u, path: /t.json, privateKeyFile: ${directory}/ssh, hostKey: "${hostKey}" }`;
    const { one } = configOf(`publish: ${sftp}`).regions;
    if (one === undefined) throw new Error('there is no such region');
    const store = createObjectStore({ bucket: 'b', region: 'us-east-1', requestTimeoutMs: 1_000 });
    const owner = { installation: 'prod', region: 'one' };

    const created = createPublication(one, { owner, store, key: 'regions.one.prometheus' });

    await expect(created).rejects.toThrow(
      /^regions\.one\.prometheus\.publish\.privateKeyFile: there is no file/,
    );
  });
});
