import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startS3, startSshd, type S3Server, type SshServer } from '../../../lab/servers/index.ts';
import { createFilePublisher } from '../../../src/activities/publication/file.ts';
import { createObjectPublisher } from '../../../src/activities/publication/object.ts';
import type { TargetsPublisher } from '../../../src/activities/publication/publisher.ts';
import { createSftpPublisher } from '../../../src/activities/publication/sftp.ts';
import { computeTargets, type TargetOwner } from '../../../src/domain/target.ts';
import { createObjectStore, type ObjectStore } from '../../../src/objectstore/client.ts';
import { createSftpClient } from '../../../src/sftp/client.ts';

const OURS = { installation: 'lab', region: 'luxembourg' };
const THEIRS = { installation: 'other', region: 'luxembourg' };
const NEVER = new AbortController().signal;

let folder: string;
let sshd: SshServer;
let s3: S3Server;
let store: ObjectStore;

beforeAll(async () => {
  [folder, sshd, s3] = await Promise.all([
    mkdtemp(join(tmpdir(), 'innervisor-remove-')),
    startSshd(),
    startS3(),
  ]);
  await s3.createBucket('targets');
  const { endpoint, region, accessKeyId, secretAccessKey } = s3;
  const credentials = { accessKeyId, secretAccessKey };
  store = createObjectStore({ bucket: 'targets', endpoint, region, requestTimeoutMs: 10_000, credentials });
}, 600_000);
afterAll(async () => {
  store.close();
  await Promise.all([sshd.stop(), s3.stop(), rm(folder, { recursive: true, force: true })]);
});

function groupsOf({ installation, region }: TargetOwner) {
  const probe = {
    ...{ probeId: '0000000a', serverId: 's', name: 'probe', address: '127.0.0.2', hypervisor: 'cmp001' },
    ...{ madeFor: 'cmp001', availabilityZone: null, displaced: false },
  };
  return computeTargets([probe], { region, ports: { node: 9 }, labels: {} }, installation);
}

function bySftp(owner: TargetOwner): TargetsPublisher {
  const { host, port, user, userKey, hostKey } = sshd;
  const client = createSftpClient({
    ...{ host, port, user, timeoutMs: 20_000 },
    privateKey: userKey.privateKey,
    hostKey: hostKey.publicKey,
  });
  return createSftpPublisher(client, { host, path: join(folder, 'by-sftp.json') }, owner);
}

const WAYS: Readonly<Record<string, (owner: TargetOwner) => TargetsPublisher>> = {
  'a file': (owner) => createFilePublisher(join(folder, 'file.json'), owner),
  'a file by SFTP': bySftp,
  'an object': (owner) => createObjectPublisher({ store, key: 'targets.json' }, owner),
};

/** All that is there, with what changes when it is written. */
async function traces(): Promise<readonly string[]> {
  const files = await readdir(folder);
  const inodes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).ino));
  const objects = await store.listObjects('', { max: 10 });
  return [...files.map((name, place) => `${name} ${inodes[place]}`), ...objects.map(({ key }) => key)];
}

describe.each(Object.entries(WAYS))('%s of targets', (_, publisherOf) => {
  test('is removed only when it is empty; then it is absent, and removing it again is a success', async () => {
    const publisher = publisherOf(OURS);
    await publisher.publish(groupsOf(OURS), NEVER);

    await expect(publisher.remove(NEVER)).rejects.toMatchObject({ type: 'conflict' });
    expect(await publisher.check(NEVER)).toBe('present');

    await publisher.publish([], NEVER);
    await publisher.remove(NEVER);
    expect(await publisher.check(NEVER)).toBe('absent');
    await publisher.remove(NEVER);
  });

  test('is tried without a trace', async () => {
    const publisher = publisherOf(OURS);
    await publisher.publish(groupsOf(OURS), NEVER);
    const before = await traces();

    await publisher.tryWriting(NEVER);

    expect(await traces()).toEqual(before);
    expect(before).not.toEqual([]);
    await publisher.publish([], NEVER);
    await publisher.remove(NEVER);
  });

  test('of another installation is left as it is', async () => {
    const theirs = publisherOf(THEIRS);
    await theirs.publish(groupsOf(THEIRS), NEVER);

    await expect(publisherOf(OURS).remove(NEVER)).rejects.toMatchObject({ type: 'claimedByAnother' });

    expect(await theirs.check(NEVER)).toBe('present');
  });
});

test('a place that may not be written is refused when it is tried', async () => {
  const { host, port, user, userKey, hostKey } = sshd;
  const client = createSftpClient({
    ...{ host, port, user, timeoutMs: 20_000 },
    privateKey: userKey.privateKey,
    hostKey: hostKey.publicKey,
  });
  const nowhere = join(folder, 'nowhere');
  // A folder stands where the file is to be made for a moment.
  await mkdir(join(folder, '.taken.json.preflight.tmp'));
  const taken = join(folder, 'taken.json');

  await expect(createFilePublisher(join(nowhere, 'a.json'), OURS).tryWriting(NEVER)).rejects.toThrow(nowhere);
  for (const path of [join(nowhere, 'a.json'), taken])
    await expect(createSftpPublisher(client, { host, path }, OURS).tryWriting(NEVER)).rejects.toThrow(
      'cannot write',
    );
});
