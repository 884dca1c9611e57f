import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { Peer } from '../../../src/domain/document.ts';
import type { ObjectStore } from '../../../src/objectstore/client.ts';
import {
  createWorld,
  failureOf,
  INPUT,
  PEERS_KEY,
  run,
  startServers,
  type Servers,
  type World,
} from './world.ts';

let servers: Servers;
let world: World;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers);
});
afterEach(() => world.close());

function peer(probeId: string): Peer {
  return {
    probe_id: probeId,
    server_id: `server-${probeId}`,
    address: '127.0.0.1',
    hypervisor: 'cmp1',
    availability_zone: 'nova',
  };
}

async function upload(peers: readonly Peer[], peersStore: ObjectStore = world.store) {
  const input = { ...INPUT, peers: await world.artifact('peers', peers) };
  return await run(world.activities({ peersStore }).uploadPeers, input);
}

async function storedText(): Promise<string | undefined> {
  return (await world.store.getObject(PEERS_KEY, { maxBytes: 1_000_000 }))?.body;
}

/** A store where somebody else writes between our read and our write. */
function racedBy(write: () => Promise<unknown>): ObjectStore {
  return {
    ...world.store,
    getObject: async (...args) => {
      const found = await world.store.getObject(...args);
      if (args[0] === PEERS_KEY) await write();
      return found;
    },
  };
}

test('the same peers are written once', async () => {
  const peers = [peer('0000000a'), { ...peer('0000000b'), made_for: 'cmp2' }];
  const first = await upload(peers);
  const text = await storedText();
  const second = await upload(peers);
  expect(first.written).toBe(true);
  expect(second).toMatchObject({ generation: first.generation, written: false, etag: first.etag });
  expect(await storedText()).toBe(text);
  const puts = (await servers.s3.requests()).filter(
    ({ method, path }) => method === 'PUT' && path.endsWith(`${world.bucket}/${PEERS_KEY}`),
  );
  expect(puts).toHaveLength(1);
});

test('other peers are written as the next generation', async () => {
  const { generation } = await upload([peer('0000000a')]);
  expect(await upload([peer('0000000b')])).toMatchObject({ generation: generation + 1, written: true });
});

test('a list that was lost is made anew with a generation that no agent takes for an older one', async () => {
  await upload([peer('0000000a')]);
  const { generation } = await upload([peer('0000000b')]);
  await world.store.deleteObject(PEERS_KEY);
  expect((await upload([peer('0000000b')])).generation).toBeGreaterThanOrEqual(generation - 1);
  expect(generation - 1).toBeGreaterThan(Date.UTC(2026, 0, 1) / 1000);
});

test('a writer between our read and our first write keeps its document', async () => {
  const raced = racedBy(() => upload([peer('0000000b')]));
  const failure = await failureOf(upload([peer('0000000a')], raced), [servers.s3.secretAccessKey]);
  expect(failure).toMatchObject({ type: 'conflict', nonRetryable: false });
  expect(failure.message).toContain(PEERS_KEY);
  expect(failure.message).toContain('read it again');
  expect(JSON.parse((await storedText()) ?? '')).toMatchObject({ peers: [peer('0000000b')] });
});

test('a writer between our read and our change keeps its document, and the next attempt follows it', async () => {
  const { generation } = await upload([peer('0000000a')]);
  const raced = racedBy(() => upload([peer('0000000b')]));
  const failure = await failureOf(upload([peer('0000000c')], raced), [servers.s3.secretAccessKey]);
  expect(failure).toMatchObject({ type: 'conflict', nonRetryable: false });
  expect(JSON.parse((await storedText()) ?? '')).toMatchObject({
    generation: generation + 1,
    peers: [peer('0000000b')],
  });
  expect(await upload([peer('0000000c')])).toMatchObject({ generation: generation + 2, written: true });
});
