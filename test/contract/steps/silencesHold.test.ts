import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import type { AlertmanagerClient } from '../../../src/alertmanager/client.ts';
import {
  computeMatcher,
  computeNeededSeconds,
  silenceAuthor,
  SILENCED_LABELS,
} from '../../../src/domain/silence.ts';
import { eventually } from '../../support/await.ts';
import { json } from '../openstack/cloud.ts';
import { probeServer, serverPage, shownUntilDeleted } from './healthyCloud.ts';
import { removal, replacement, storePlan } from './plans.ts';
import {
  createWorld,
  failureOf,
  INPUT,
  INSTALLATION,
  REGION,
  run,
  startServers,
  type Servers,
  type World,
} from './world.ts';

const OLD = '0000000a';
const OTHER = '0000000b';
const NEW = '0000000c';
const OWNER = { installation: INSTALLATION, region: REGION };

let servers: Servers;
let world: World;
let alertmanager: AlertmanagerClient;
let neededMs: number;

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers);
  ({ alertmanager } = world.deps);
  neededMs = computeNeededSeconds(world.deps.silence) * 1000;
});
afterEach(async () => {
  for (const { id } of await inForce()) await alertmanager.expireSilence(id);
  await world.close();
});

async function inForce() {
  const silences = await alertmanager.listSilences({ states: ['active', 'pending'] });
  return silences.toSorted((a, b) => a.id.localeCompare(b.id));
}

/** Silences as an earlier step left them, ending so soon. */
async function silencedFor(probeIds: readonly string[], lastsMs: number): Promise<readonly string[]> {
  const spec = {
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + lastsMs).toISOString(),
    createdBy: silenceAuthor(INSTALLATION, REGION),
    comment: 'of a test',
  };
  return await Promise.all(
    SILENCED_LABELS.map((label) =>
      alertmanager.createSilence({ ...spec, matchers: [computeMatcher(label, probeIds)] }),
    ),
  );
}

/** Ids of what is silenced, and for how long at least. */
async function standing() {
  const silences = await inForce();
  const ends = silences.map(({ endsAt }) => Date.parse(endsAt));
  return { ids: silences.map(({ id }) => id).toSorted(), leftMs: Math.min(...ends) - Date.now() };
}

/** Lets Nova have these probes until it is asked to delete them. */
function answerDeletes(...probeIds: readonly string[]): void {
  for (const probeId of probeIds)
    world.cloud
      .on('GET', `/v2.1/servers/server-${probeId}`, shownUntilDeleted(probeServer(probeId, OWNER)))
      .on('DELETE', `/v2.1/servers/server-${probeId}`, json(204, {}));
  world.cloud.on('GET', '/v2.1/servers/detail', serverPage([]));
}

async function doomed(probeId: string) {
  return { ...INPUT, plan: await storePlan(world, removal(probeId)), proof: null };
}

test("a silence hides the old probe's alerts and its peers' about it, and none of its hypervisor or its successor", async () => {
  const labels = [
    ...[{ probe_id: OLD }, { probe_id: OTHER, peer_id: OLD }],
    ...[{ probe_id: NEW }, { probe_id: OTHER, peer_id: NEW }, { hypervisor: 'cmp1' }],
  ].map((each) => ({ alertname: 'ProbeDown', region: 'luxembourg', ...each }));
  await fetch(`${servers.alertmanager.url}/api/v2/alerts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(labels.map((each) => ({ labels: each }))),
  });
  const plan = await storePlan(world, replacement(OLD, NEW, 'break-before-make'));

  await run(world.activities().openSilences, { ...INPUT, plan, proof: null });

  await eventually(
    async () => {
      const alerts = await alertmanager.listAlerts(['region="luxembourg"']);
      const hidden = alerts.filter(({ state }) => state === 'suppressed').map((alert) => alert.labels);
      expect(alerts).toHaveLength(labels.length);
      expect(alerts.filter(({ state }) => state === 'active')).toHaveLength(3);
      expect(hidden).toEqual(expect.arrayContaining(labels.slice(0, 2)));
      return true;
    },
    { describe: 'Alertmanager to have seen alerts and silences', timeoutMs: 30_000 },
  );
});

test('what a step made before its worker died is found by the next attempt and made once', async () => {
  const input = await doomed(OLD);
  const dead = new AbortController();
  const killed: AlertmanagerClient = {
    ...alertmanager,
    createSilence: async (spec) => {
      await alertmanager.createSilence(spec);
      dead.abort();
      return await new Promise(() => {});
    },
  };
  void run(world.activities({ alertmanager: killed }).openSilences, input);
  await eventually(() => dead.signal.aborted, { describe: 'the worker to be dead' });

  const { silenceIds } = await run(world.activities().openSilences, input);

  expect(silenceIds).toHaveLength(1);
  expect((await inForce()).map(({ matchers }) => matchers[0]?.name).toSorted()).toEqual([
    'peer_id',
    'probe_id',
  ]);
});

test('what is silenced for too short a time is extended under its id, and the step says until when it suffices', async () => {
  const ids = await silencedFor([OLD], 60_000);

  const opened = await run(world.activities().openSilences, await doomed(OLD));

  const { ids: after, leftMs } = await standing();
  expect(after).toEqual(ids.toSorted());
  expect(leftMs).toBeGreaterThan(neededMs);
  expect(opened.silenceIds).toEqual([]);
  expect(opened.coverUntilMs).toBeGreaterThan(Date.now());
  expect(opened.coverUntilMs).toBeLessThanOrEqual(Date.now() + leftMs - neededMs + 1_000);
});

test('a silence that would end before a delete is over is extended before that delete', async () => {
  const ids = await silencedFor([OLD], 60_000);
  answerDeletes(OLD);
  const lefts: number[] = [];
  world.cloud.on('DELETE', `/v2.1/servers/server-${OLD}`, (_request, response) => {
    void standing().then(({ leftMs }) => {
      lefts.push(leftMs);
      response.writeHead(204).end();
    });
  });

  const deleted = await run(world.activities().deleteProbes, await doomed(OLD));

  expect(deleted).toMatchObject({ deleted: 1, failures: [] });
  expect(lefts).toEqual([expect.any(Number)]);
  expect(lefts[0]).toBeGreaterThan(neededMs);
  expect((await standing()).ids).toEqual(ids.toSorted());
});

test('a silence that was long enough for the first delete is extended before the next one that it is too short for', async () => {
  const ids = await silencedFor([OLD, OTHER], neededMs + 60_000);
  answerDeletes(OLD, OTHER);
  let passedMs = 0;
  world.cloud.on('DELETE', `/v2.1/servers/server-${OLD}`, (_request, response) => {
    passedMs = 120_000;
    response.writeHead(204).end();
  });
  const { deleteProbes } = world.activities({}, () => Date.now() + passedMs);
  const plan = await storePlan(world, removal(OLD), removal(OTHER));

  await run(deleteProbes, { ...INPUT, plan, proof: null });

  const { ids: after, leftMs } = await standing();
  expect(after).toEqual(ids.toSorted());
  expect(leftMs - passedMs).toBeGreaterThan(neededMs);
});

test.each(SILENCED_LABELS)(
  'a silence on %s that somebody expires during a batch keeps the next delete back',
  async (label) => {
    await silencedFor([OLD, OTHER], neededMs + 60_000);
    answerDeletes(OLD, OTHER);
    world.cloud.on('DELETE', `/v2.1/servers/server-${OLD}`, (_request, response) => {
      void inForce()
        .then((silences) => silences.find(({ matchers }) => matchers[0]?.name === label)?.id ?? '')
        .then((id) => alertmanager.expireSilence(id))
        .then(() => response.writeHead(204).end());
    });
    const plan = await storePlan(world, removal(OLD), removal(OTHER));

    const failure = await failureOf(
      run(world.activities().deleteProbes, { ...INPUT, plan, proof: null }),
      [],
    );

    expect(failure).toMatchObject({ type: 'conflict', nonRetryable: false });
    expect(failure.message).toContain(`probe ${OTHER} isn't deleted: its silence on ${label} is gone`);
    expect(world.cloud.count('DELETE', `/v2.1/servers/server-${OLD}`)).toBe(1);
    expect(world.cloud.count('DELETE', `/v2.1/servers/server-${OTHER}`)).toBe(0);
  },
);

test('a silence that lasts long enough is not written again by a delete', async () => {
  await silencedFor([OLD], neededMs + 60_000);
  const before = await inForce();
  answerDeletes(OLD);

  await run(world.activities().deleteProbes, await doomed(OLD));

  expect(await inForce()).toEqual(before);
});

test("a silence that covers the probe's own alerts alone keeps the delete back", async () => {
  const [own] = await silencedFor([OLD], neededMs * 2);
  for (const { id } of await inForce()) if (id !== own) await alertmanager.expireSilence(id);

  const failure = await failureOf(run(world.activities().deleteProbes, await doomed(OLD)), []);

  const { host } = new URL(servers.alertmanager.url);
  expect(failure).toMatchObject({ type: 'conflict', nonRetryable: false });
  expect(failure.message).toContain(`no silence on peer_id is in force at Alertmanager ${host}`);
  expect(world.cloud.requests).toEqual([]);
});

test('a silence that has only been announced keeps the delete back until it begins', async () => {
  const spec = {
    startsAt: new Date(Date.now() + 3_600_000).toISOString(),
    endsAt: new Date(Date.now() + 7_200_000).toISOString(),
    createdBy: silenceAuthor(INSTALLATION, REGION),
    comment: 'of a test',
  };
  for (const label of SILENCED_LABELS)
    await alertmanager.createSilence({ ...spec, matchers: [computeMatcher(label, [OLD])] });

  const failure = await failureOf(run(world.activities().deleteProbes, await doomed(OLD)), []);

  expect(failure.message).toContain('no silence on probe_id is in force');
});

test('what ended while no worker was there is silenced again by the next attempt, before anything is deleted', async () => {
  answerDeletes(OLD);
  const input = await doomed(OLD);
  const refused = await failureOf(run(world.activities().deleteProbes, input), []);

  const deleted = await run(world.activities().deleteProbes, input, { attempt: 2 });

  expect(refused).toMatchObject({ type: 'conflict', nonRetryable: false });
  expect(deleted).toMatchObject({ deleted: 1, failures: [] });
  expect((await standing()).ids).toHaveLength(SILENCED_LABELS.length);
});
