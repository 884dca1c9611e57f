import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createAlertmanagerClient } from '../../../src/alertmanager/client.ts';
import { createObjectStore, type ObjectStore } from '../../../src/objectstore/client.ts';
import { startRelay, type Relay } from '../../simulation/support/relay.ts';
import { creation, removal, replacement, storePlan } from './plans.ts';
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

/** How an answer gets lost: the connection breaks, or a proxy answers in its place. */
const LOSSES = [
  ['a reset', undefined],
  ['a 500', 500],
  ['a 502', 502],
  ['a 504', 504],
] as const;

let servers: Servers;
let world: World;
let relay: Relay;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers);
});
afterEach(async () => {
  await relay[Symbol.asyncDispose]();
  await world.close();
});

describe('Alertmanager', () => {
  afterEach(async () => {
    for (const { id } of await inForce()) await world.deps.alertmanager.expireSilence(id);
  });

  async function inForce() {
    return await world.deps.alertmanager.listSilences({ states: ['active'] });
  }

  async function stepsBehindRelay() {
    relay = await startRelay(servers.alertmanager.url);
    const options = { urls: [relay.url], auth: { kind: 'none' }, requestTimeoutMs: 5_000 } as const;
    return world.activities({ alertmanager: createAlertmanagerClient(options) });
  }

  test.each(LOSSES)('that made a silence and is heard as %s makes no second one', async (_what, status) => {
    const { openSilences } = await stepsBehindRelay();
    const input = { ...INPUT, plan: await storePlan(world, removal('0000000a')), proof: null };
    relay.loseAnswer(/^POST /, status);

    const lost = await failureOf(run(openSilences, input), []);
    const left = await inForce();
    const opened = await run(openSilences, input);

    expect(lost).toMatchObject({ type: 'unavailable', nonRetryable: false });
    expect(left).toHaveLength(1);
    expect(opened.silenceIds).toHaveLength(1);
    const labels = (await inForce()).map(({ matchers }) => matchers[0]?.name);
    expect(labels.toSorted()).toEqual(['peer_id', 'probe_id']);
  });

  test.each(LOSSES)('that narrowed a silence and is heard as %s leaves one', async (_what, status) => {
    const { openSilences, prepareCreation } = await stepsBehindRelay();
    const plan = await storePlan(world, removal('0000000a'), removal('0000000b'));
    await run(openSilences, { ...INPUT, plan, proof: null });
    const input = { ...INPUT, plan: await storePlan(world, creation('0000000a')) };
    relay.loseAnswer(/^POST /, status);

    await failureOf(run(prepareCreation, input), []);
    await run(prepareCreation, input);

    const matchers = (await inForce()).map(({ matchers: [matcher] }) => `${matcher?.name} ${matcher?.value}`);
    expect(matchers.toSorted()).toEqual(['peer_id 0000000b', 'probe_id 0000000b']);
  });

  test.each(LOSSES)('that ended a silence and is heard as %s has ended it', async (_what, status) => {
    const { openSilences, expireSilences } = await stepsBehindRelay();
    await run(openSilences, { ...INPUT, plan: await storePlan(world, removal('0000000a')), proof: null });
    relay.loseAnswer(/^DELETE /, status);

    // What a 500 means is looked up at once, because Alertmanager also answers it for what has ended already.
    const changed = status === 500 ? 2 : 1;
    if (status !== 500) await failureOf(run(expireSilences, INPUT), []);

    expect(await run(expireSilences, INPUT)).toEqual({ changed, left: 0 });
    expect(await inForce()).toEqual([]);
  });
});

describe('S3', () => {
  async function storeBehindRelay(): Promise<ObjectStore> {
    relay = await startRelay(servers.s3.endpoint);
    const { region, accessKeyId, secretAccessKey } = servers.s3;
    return createObjectStore({
      bucket: world.bucket,
      endpoint: relay.url,
      region,
      requestTimeoutMs: 5_000,
      credentials: { accessKeyId, secretAccessKey },
    });
  }

  async function putsOf(key: string): Promise<number> {
    const requests = await servers.s3.requests();
    return requests.filter(({ method, path }) => method === 'PUT' && path.endsWith(`${world.bucket}/${key}`))
      .length;
  }

  function aPeer(probeId: string) {
    const server = { server_id: `server-${probeId}`, address: '127.0.0.1' };
    return { probe_id: probeId, ...server, hypervisor: 'cmp1', availability_zone: 'nova' };
  }

  test.each(LOSSES)(
    'that wrote the first peers and is heard as %s has them in force',
    async (_what, status) => {
      const { uploadPeers } = world.activities({ peersStore: await storeBehindRelay() });
      const input = { ...INPUT, peers: await world.artifact('peers', [aPeer('0000000a')]) };
      relay.loseAnswer(/^PUT /, status);

      const lost = await failureOf(run(uploadPeers, input), []);
      const uploaded = await run(uploadPeers, input);

      expect(lost).toMatchObject({ type: 'unavailable', nonRetryable: false });
      expect(uploaded.written).toBe(false);
      expect(await putsOf(PEERS_KEY)).toBe(1);
    },
  );

  test.each(LOSSES)(
    'that replaced the peers and is heard as %s takes one generation',
    async (_what, status) => {
      const { uploadPeers } = world.activities({ peersStore: await storeBehindRelay() });
      const first = await run(uploadPeers, {
        ...INPUT,
        peers: await world.artifact('peers', [aPeer('0000000a')]),
      });
      const input = { ...INPUT, peers: await world.artifact('peers', [aPeer('0000000b')]) };
      relay.loseAnswer(/^PUT /, status);

      await failureOf(run(uploadPeers, input), []);

      expect(await run(uploadPeers, input)).toMatchObject({
        generation: first.generation + 1,
        written: false,
      });
      expect(await putsOf(PEERS_KEY)).toBe(2);
    },
  );

  test('whose proxy repeats the write of the peers finds its own document, which is no conflict', async () => {
    const direct = await storeBehindRelay();
    const peersStore: ObjectStore = {
      ...direct,
      putObject: async (...put) => {
        await direct.putObject(...put);
        return await direct.putObject(...put);
      },
    };
    const { uploadPeers } = world.activities({ peersStore });
    const peers = await world.artifact('peers', [aPeer('0000000a')]);

    const uploaded = await run(uploadPeers, { ...INPUT, peers });

    const stored = await world.store.headObject(PEERS_KEY);
    expect(uploaded).toMatchObject({ written: true, etag: stored?.etag });
  });

  test.each(LOSSES)(
    'that stored a document of the pass and is heard as %s holds it once',
    async (_what, status) => {
      const plan = await storePlan(world, replacement('0000000a', '0000000b', 'make-before-break'));
      const { planFallback } = world.activities({ artifacts: await storeBehindRelay() });
      const input = { ...INPUT, plan, withoutRoom: ['0000000b'] };
      relay.loseAnswer(/^PUT /, status);

      const lost = await failureOf(run(planFallback, input), []);
      const planned = await run(planFallback, input);

      expect(lost).toMatchObject({ type: 'unavailable', nonRetryable: false });
      expect(await putsOf(planned.plan.key)).toBe(1);
      expect((await world.store.getObject(planned.plan.key, { maxBytes: 1_000_000 }))?.body).toContain(
        '0000000b',
      );
    },
  );
});
