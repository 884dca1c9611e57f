import { readFile, rm, writeFile } from 'node:fs/promises';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import {
  createSshKey,
  startSshd,
  type PrometheusServer,
  type SshServer,
} from '../../../lab/servers/index.ts';
import { createSftpPublisher } from '../../../src/activities/publication/sftp.ts';
import type { Publication } from '../../../src/activities/publication/replicas.ts';
import { createSftpClient, type SftpOptions } from '../../../src/sftp/client.ts';
import { createPublishedRegion, type PublishedRegion } from './targetsOfTest.ts';
import { createWorld, failureOf, startServers, type Servers, type World } from './world.ts';

let servers: Servers;
let sshd: SshServer;
let prometheus: PrometheusServer;
let world: World;
let region: PublishedRegion;
let path: string;

beforeAll(async () => {
  [servers, sshd] = await Promise.all([startServers(), startSshd()]);
  ({ prometheus } = servers);
}, 600_000);
afterAll(async () => {
  await servers.stop();
  await sshd.stop();
});
beforeEach(async () => {
  world = await createWorld(servers);
  region = createPublishedRegion(world);
  path = region.pathAt(prometheus);
});
afterEach(async () => {
  await rm(path, { force: true });
  await world.close();
});

function bySftp(changes: Partial<SftpOptions> = {}, to = path): Pick<Publication, 'replicas'> {
  const { host, port, user } = sshd;
  const client = createSftpClient({
    ...{ host, port, user, timeoutMs: 20_000 },
    privateKey: sshd.userKey.privateKey,
    hostKey: sshd.hostKey.publicKey,
    ...changes,
  });
  const publisher = createSftpPublisher(client, { host, path: to }, region.owner);
  return { replicas: [region.replica(prometheus, publisher)] };
}

async function refusal(publication: Pick<Publication, 'replicas'>) {
  const attempt = region.publish(region.groups(['0000000a']), publication, 1_000);
  const { type, nonRetryable, message } = await failureOf(attempt, ['PRIVATE KEY']);
  return { type, terminal: nonRetryable === true, message };
}

test('targets get to Prometheus by SFTP, and are written again only if they have changed', async () => {
  const publication = bySftp();

  expect(await region.publish(region.groups(['0000000a']), publication)).toEqual({
    written: true,
    targets: 2,
  });
  expect(await region.discovered(prometheus)).toEqual(['0000000a']);
  expect(await region.publish(region.groups(['0000000a']), publication)).toEqual({
    written: false,
    targets: 2,
  });
  expect(await region.publish([], publication)).toEqual({ written: true, targets: 0 });
  expect(await region.discovered(prometheus)).toEqual([]);
});

test.each([
  ['malformed', () => '[{', { type: 'malformedDocument', terminal: true }],
  [
    'of another region',
    () => JSON.stringify([{ targets: ['a:1'], labels: { region: 'paris' } }]),
    { type: 'claimedByAnother', terminal: true },
  ],
])('a file that is %s is left as it is', async (_what, render, expected) => {
  await writeFile(path, render());

  const { message, ...refused } = await refusal(bySftp());

  expect(refused).toEqual(expected);
  expect(message).toContain(`${path} on 127.0.0.1`);
  expect(await readFile(path, 'utf8')).toBe(render());
});

describe('a host', () => {
  test('with another key than the pinned one gets nothing, and isn’t tried again', async () => {
    const { message, ...refused } = await refusal(bySftp({ hostKey: createSshKey().publicKey }));

    expect(refused).toEqual({ type: 'unauthenticated', terminal: true });
    expect(message).toContain(sshd.hostKey.fingerprint);
  });

  test('that does not let the user in isn’t tried again', async () => {
    const { message, ...refused } = await refusal(bySftp({ privateKey: createSshKey().privateKey }));

    expect(refused).toEqual({ type: 'unauthenticated', terminal: true });
    expect(message).toContain('authorized_keys');
  });

  test('that is away is tried again', async () => {
    await sshd.crash();

    const { message, ...refused } = await refusal(bySftp());

    await sshd.restart();
    expect(refused).toEqual({ type: 'unavailable', terminal: false });
    expect(message).toContain(`127.0.0.1:${sshd.port}`);
  });

  test('that lacks the folder is named with it, and isn’t tried again', async () => {
    const missing = `${prometheus.dir}/missing/luxembourg.json`;

    const { message, ...refused } = await refusal(bySftp({}, missing));

    expect(refused).toEqual({ type: 'notFound', terminal: true });
    expect(message).toContain(missing);
    expect(message).toContain('make the folder');
  });
});

describe('a reload', () => {
  async function configuredAt(): Promise<string> {
    return (await region.replica(prometheus).prometheus.getRuntimeInfo()).lastConfigTime;
  }

  test('is asked for where a file has changed and that is configured, and not if it has not', async () => {
    const before = await configuredAt();
    await region.publish(region.groups(['0000000a']), { ...bySftp(), reload: true });
    const written = await configuredAt();
    await region.publish(region.groups(['0000000a']), { ...bySftp(), reload: true });

    expect(written > before).toBe(true);
    expect(await configuredAt()).toBe(written);
  });

  test('is never asked for where targets are served by HTTP', async () => {
    const before = await configuredAt();
    const { replicas } = bySftp();
    const served = replicas.map((replica) => ({
      ...replica,
      publisher: { ...replica.publisher, isFile: false },
    }));

    await region.publish(region.groups(['0000000a']), { replicas: served, reload: true });

    expect(await configuredAt()).toBe(before);
  });
});
