import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createSshKey, startSshd, type SshServer } from '../../lab/servers/index.ts';
import { freePorts } from '../../lab/servers/port.ts';
import { createSftpClient, type SftpClient, type SftpOptions } from '../../src/sftp/client.ts';
import { SftpError } from '../../src/sftp/error.ts';

/** The first start on a machine fetches the server. */
const FIRST_START_MS = 600_000;
const LIMIT = { maxBytes: 64 * 1024 * 1024 };
const TIMEOUT_MS = 20_000;

let server: SshServer;
let folder: string;
let path: string;

beforeAll(async () => {
  server = await startSshd();
}, FIRST_START_MS);
afterAll(() => server.stop());
beforeEach(async () => {
  folder = await mkdtemp(join(server.dir, 'files-'));
  path = join(folder, 'luxembourg.json');
});
afterEach(() => rm(folder, { recursive: true }));

function aClient(changes: Partial<SftpOptions> = {}): SftpClient {
  return createSftpClient({
    host: server.host,
    port: server.port,
    user: server.user,
    privateKey: server.userKey.privateKey,
    hostKey: server.hostKey.publicKey,
    timeoutMs: TIMEOUT_MS,
    ...changes,
  });
}

/** The error that an attempt ends with; it holds no private key. */
async function errorOf(attempt: Promise<unknown>): Promise<SftpError> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SftpError);
  expect(inspect(error, { depth: null })).not.toContain('PRIVATE KEY');
  return error as SftpError;
}

describe('a file', () => {
  test('is made, replaced and read back, and nothing else stays behind', async () => {
    const client = aClient();

    await client.replaceFile(path, 'one');
    await client.replaceFile(path, 'zwölf');

    expect(await client.readFile(path, LIMIT)).toBe('zwölf');
    expect(await readFile(path, 'utf8')).toBe('zwölf');
    expect(await readdir(folder)).toEqual(['luxembourg.json']);
  });

  test('can be read by everybody, whatever was there before', async () => {
    await writeFile(path, 'secret');
    await chmod(path, 0o600);

    await aClient().replaceFile(path, 'targets');

    expect((await stat(path)).mode & 0o777).toBe(0o644);
  });

  test('that is absent reads as undefined, and one that is empty as nothing', async () => {
    await writeFile(join(folder, 'empty'), '');
    const client = aClient();

    expect(await client.readFile(path, LIMIT)).toBeUndefined();
    expect(await client.readFile(join(folder, 'empty'), LIMIT)).toBe('');
  });

  test('whose folder is absent is a failure that says so', async () => {
    const reading = aClient().readFile(join(folder, 'missing', 'x.json'), LIMIT);

    await expect(reading).rejects.toMatchObject({
      code: 'notFound',
      message: expect.stringContaining('make the folder'),
    });
  });

  test('that is larger than allowed is not read', async () => {
    await writeFile(path, 'x'.repeat(11));

    const error = await errorOf(aClient().readFile(path, { maxBytes: 10 }));

    expect(error).toMatchObject({ code: 'tooLarge', effect: 'none' });
    expect(error.message).toContain(path);
  });

  test('takes the place of a symbolic link, not of what that points to', async () => {
    const other = join(folder, 'other');
    await writeFile(other, 'theirs');
    await symlink(other, path);

    await aClient().replaceFile(path, 'ours');

    expect(await readFile(other, 'utf8')).toBe('theirs');
    expect(await readFile(path, 'utf8')).toBe('ours');
  });
});

describe('the host', () => {
  test.each(['publicKey', 'fingerprint'] as const)('is known by its %s', async (form) => {
    await aClient({ hostKey: server.hostKey[form] }).replaceFile(path, 'text');

    expect(await readFile(path, 'utf8')).toBe('text');
  });

  test.each(['publicKey', 'fingerprint'] as const)('with another key is refused by its %s', async (form) => {
    const error = await errorOf(aClient({ hostKey: createSshKey()[form] }).replaceFile(path, 'text'));

    expect(error).toMatchObject({ code: 'hostKeyMismatch', effect: 'none' });
    expect(error.message).toContain(`127.0.0.1:${server.port}`);
    expect(error.message).toContain(server.hostKey.fingerprint);
    expect(await readdir(folder)).toEqual([]);
  });

  test.each(['', 'ssh-ed25519', 'ssh-ed25519 AAAA', 'SHA256:short', 'ssh-dss AAAAB3NzaC1kc3M='])(
    'can not be known by %j',
    (hostKey) => {
      expect(() => aClient({ hostKey })).toThrow(/hostKey is no key of a host; take one from: ssh-keyscan/);
    },
  );

  test('that nothing listens on is named', async () => {
    const [port = 0] = await freePorts(1);

    const error = await errorOf(aClient({ port }).readFile(path, LIMIT));

    expect(error).toMatchObject({ code: 'unreachable', effect: 'none' });
    expect(error.message).toContain(`127.0.0.1:${port}`);
  });
});

describe('the user', () => {
  test('with a key that the server does not know is refused', async () => {
    const { privateKey } = createSshKey();

    const error = await errorOf(aClient({ privateKey }).replaceFile(path, 'text'));

    expect(error).toMatchObject({ code: 'unauthenticated', effect: 'none' });
    expect(error.message).toContain('authorized_keys');
  });

  test('whose key can not be read is told what a key is', async () => {
    const privateKey = 'no key, but a s3cret';

    const error = await errorOf(aClient({ privateKey }).readFile(path, LIMIT));

    expect(error).toMatchObject({ code: 'badRequest', effect: 'none' });
    expect(error.message).toContain('ssh-keygen');
    expect(error.message).not.toContain('s3cret');
  });
});

describe('writing that can not be done', () => {
  test.each([
    ['in a folder that is not there', 'missing/luxembourg.json', 'notFound'],
    ['below a file', 'file/luxembourg.json', 'notFound'],
    ['over a folder', 'folder', 'unavailable'],
  ])('%s has no effect and leaves nothing behind', async (_case, name, code) => {
    await writeFile(join(folder, 'file'), 'theirs');
    await mkdir(join(folder, 'folder'));

    const error = await errorOf(aClient().replaceFile(join(folder, name), 'text'));

    expect(error).toMatchObject({ code });
    expect(error.message).toContain(join(folder, name));
    expect((await readdir(folder)).toSorted()).toEqual(['file', 'folder']);
    expect(await readFile(join(folder, 'file'), 'utf8')).toBe('theirs');
  });

  test('in a folder that nobody may write to is forbidden', async () => {
    const error = await errorOf(aClient().replaceFile('/sys/luxembourg.json', 'text'));

    expect(error).toMatchObject({ code: 'forbidden', effect: 'none' });
    expect(error.message).toContain('/sys/luxembourg.json');
  });
});

/** Passes connections on to sshd, and calls `cut` once when so many bytes have gone there. */
async function startCuttingRelay(bytesMax: number, cut: () => Promise<void>): Promise<Server> {
  let passed = 0;
  const relay = createServer((socket) => {
    const upstream = connect(server.port, server.host);
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ] as const) {
      one.on('error', () => undefined);
      one.once('close', () => other.destroy());
    }
    upstream.pipe(socket);
    socket.on('data', (chunk) => {
      upstream.write(chunk);
      const before = passed;
      passed += chunk.length;
      if (before < bytesMax && passed >= bytesMax) void cut();
    });
  });
  await once(relay.listen(0, '127.0.0.1'), 'listening');
  return relay;
}

describe('a connection that is lost midway', () => {
  test('leaves the old file whole; what it left is removed by a write much later', async () => {
    await writeFile(path, 'old');
    const relay = await startCuttingRelay(1_000_000, () => server.dropConnections());
    const { port } = relay.address() as AddressInfo;

    const error = await errorOf(aClient({ port }).replaceFile(path, 'x'.repeat(8_000_000)));
    relay.close();

    expect(error).toMatchObject({ code: 'connectionLost', effect: 'none' });
    expect(await readFile(path, 'utf8')).toBe('old');
    const [abandoned = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tmp'));
    await aClient().replaceFile(path, 'new');
    expect((await readdir(folder)).toSorted()).toEqual([abandoned, 'luxembourg.json']);
    await utimes(join(folder, abandoned), 0, 0);
    await aClient().replaceFile(path, 'newer');
    expect(await readdir(folder)).toEqual(['luxembourg.json']);
  });

  test('is made again once sshd is back', async () => {
    await server.crash();
    expect(await errorOf(aClient().replaceFile(path, 'text'))).toMatchObject({ code: 'unreachable' });

    await server.restart();
    await aClient().replaceFile(path, 'text');

    expect(await readFile(path, 'utf8')).toBe('text');
  });
});

describe('a server that says nothing', () => {
  let silent: Server;
  beforeEach(async () => {
    silent = createServer((socket) => socket.on('error', () => undefined));
    await once(silent.listen(0, '127.0.0.1'), 'listening');
  });
  afterEach(() => void silent.close());

  test('is given up after the time that is set', async () => {
    const { port } = silent.address() as AddressInfo;

    const error = await errorOf(aClient({ port, timeoutMs: 200 }).readFile(path, LIMIT));

    expect(error).toMatchObject({ code: 'timeout', effect: 'none' });
    expect(error.message).toContain('200 ms');
  });

  test('is given up as soon as that is asked for, with the reason that was given', async () => {
    const { port } = silent.address() as AddressInfo;
    const reason = new Error('stop');
    const controller = new AbortController();
    silent.once('connection', () => controller.abort(reason));

    const read = aClient({ port }).readFile(path, LIMIT, controller.signal);

    await expect(read).rejects.toBe(reason);
  });
});

test.each([
  ['says nothing', ''],
  ['greets', 'SSH-2.0-OpenSSH_9.2\r\n'],
  ['says that it has too many already', 'Exceeded MaxStartups\r\n'],
])('a server that %s and hangs up is a lost connection, which is tried again', async (_what, words) => {
  const hasty = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end(words);
  });
  await once(hasty.listen(0, '127.0.0.1'), 'listening');
  const { port } = hasty.address() as AddressInfo;

  const error = await errorOf(aClient({ port }).readFile(path, LIMIT));

  hasty.close();
  expect(error).toMatchObject({
    effect: 'none',
    code: expect.stringMatching(/^(connectionLost|unavailable)$/),
  });
});

test('concurrent readers never see a torn file, and concurrent writers leave one whole text', async () => {
  const texts = ['a', 'b'].map((letter) => letter.repeat(300_000));
  await writeFile(path, texts[0] ?? '');
  let writing = true;
  // Each text once: what is read meanwhile is gigabytes.
  const seen = new Set<string>();
  let reads = 0;
  const read = async (): Promise<void> => {
    for (; writing; reads += 1) seen.add(await readFile(path, 'utf8'));
  };
  const write = async (text: string): Promise<void> => {
    for (let round = 0; round < 10; round += 1) await aClient().replaceFile(path, text);
  };

  const readers = [read(), read()];
  await Promise.all(texts.map(write));
  writing = false;
  await Promise.all(readers);

  expect(seen.isSubsetOf(new Set(texts))).toBe(true);
  expect(reads).toBeGreaterThan(10);
  expect(await readdir(folder)).toEqual(['luxembourg.json']);
});
