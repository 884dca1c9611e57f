import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import {
  startAlertmanager,
  startAlertmanagerPair,
  type AlertmanagerServer,
} from '../../../lab/servers/index.ts';
import { createAlertmanagerClient, type AlertmanagerClient } from '../../../src/alertmanager/client.ts';
import { eventually } from '../../support/await.ts';
import { reply, startFakeHttp } from '../fakeHttp.ts';
import { json } from '../openstack/cloud.ts';
import { probeServer, shownUntilDeleted } from './healthyCloud.ts';
import { removal, storePlan } from './plans.ts';
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

const PROBE = '0000000a';

let servers: Servers;
let world: World;
let members: readonly AlertmanagerServer[];

beforeAll(async () => {
  servers = await startServers();
});
afterAll(() => servers.stop());
beforeEach(async () => {
  world = await createWorld(servers);
  const server = probeServer(PROBE, { installation: INSTALLATION, region: REGION });
  world.cloud
    .on('GET', `/v2.1/servers/server-${PROBE}`, shownUntilDeleted(server))
    .on('DELETE', `/v2.1/servers/server-${PROBE}`, json(204, {}));
});
afterEach(async () => {
  await world.close();
  await Promise.all(members.map((member) => member.stop()));
});

function clientOf(...urls: readonly string[]): AlertmanagerClient {
  return createAlertmanagerClient({ urls, auth: { kind: 'none' }, requestTimeoutMs: 5_000 });
}

/** The steps of a region that has these members in its configuration. */
function steps() {
  return world.activities({ alertmanager: clientOf(...members.map(({ url }) => url)) });
}

/** The same, but a minute has passed whenever they have looked which members have silences. */
function impatientSteps() {
  let passedMs = 0;
  const alertmanager = clientOf(...members.map(({ url }) => url));
  const listSilencesOfMembers: AlertmanagerClient['listSilencesOfMembers'] = async (...args) => {
    passedMs += 60_000;
    return await alertmanager.listSilencesOfMembers(...args);
  };
  return world.activities(
    { alertmanager: { ...alertmanager, listSilencesOfMembers } },
    () => Date.now() + passedMs,
  );
}

async function doomed() {
  return { ...INPUT, plan: await storePlan(world, removal(PROBE)), proof: null };
}

function deletes(): number {
  return world.cloud.count('DELETE', `/v2.1/servers/server-${PROBE}`);
}

/** Waits until every member says that so many silences are in force. */
async function everywhere(count: number): Promise<void> {
  await eventually(
    async () => {
      for (const { url } of members)
        expect(await clientOf(url).listSilences({ states: ['active', 'pending'] })).toHaveLength(count);
      return true;
    },
    { describe: `every member to have ${count} silences in force`, timeoutMs: 30_000 },
  );
}

function hostOf(member: AlertmanagerServer | undefined): string {
  return new URL(member?.url ?? '').host;
}

describe('of a cluster of two', () => {
  beforeEach(async () => {
    members = await startAlertmanagerPair();
    await eventually(async () => (await clientOf(members[0]?.url ?? '').getStatus()).peers === 2, {
      describe: 'the members to find each other',
      timeoutMs: 30_000,
    });
  });

  test('both have the silences before a probe is deleted', async () => {
    const input = await doomed();

    await run(steps().openSilences, input);

    for (const { url } of members)
      expect(await clientOf(url).listSilences({ states: ['active'] })).toHaveLength(2);
    expect(await run(steps().deleteProbes, input)).toMatchObject({ deleted: 1, failures: [] });
  });

  test('one that is dead from the start keeps nothing back, and hears of each silence once when it is back', async () => {
    const input = await doomed();
    await members[0]?.crash();

    await run(steps().openSilences, input);
    const deleted = await run(steps().deleteProbes, input);
    await members[0]?.restart();
    const again = await run(steps().openSilences, input);

    expect(deleted).toMatchObject({ deleted: 1, failures: [] });
    expect(again.silenceIds).toEqual([]);
    await everywhere(2);
    expect(await run(steps().expireSilences, INPUT)).toEqual({ changed: 2, left: 0 });
    await everywhere(0);
  });

  test('one that dies between the making of silences and their end has none of them when it is back', async () => {
    await run(steps().openSilences, await doomed());
    await members[0]?.crash();

    await run(steps().expireSilences, INPUT);
    await members[0]?.restart();

    await everywhere(0);
    expect(await run(steps().expireSilences, INPUT)).toEqual({ changed: 0, left: 0 });
  });
});

describe('of two that are in no cluster', () => {
  beforeEach(async () => {
    members = await Promise.all([startAlertmanager(), startAlertmanager()]);
  });

  test('the one without the silences is named, nothing is deleted, and no silence is left', async () => {
    const input = await doomed();

    const opening = await failureOf(run(impatientSteps().openSilences, input), []);
    const deleting = await failureOf(run(steps().deleteProbes, input), []);
    await run(steps().expireSilences, INPUT);

    expect(opening).toMatchObject({ type: 'timeout', nonRetryable: false });
    expect(deleting).toMatchObject({ type: 'conflict', nonRetryable: false });
    for (const { message } of [opening, deleting])
      expect(message).toContain(
        `in force at Alertmanager ${hostOf(members[1])}; all of alertmanager.urls must be members of one cluster`,
      );
    expect(deletes()).toBe(0);
    await everywhere(0);
  });

  test('one that is dead keeps deletes back, since nobody will tell it of the silences', async () => {
    const input = await doomed();
    await members[1]?.crash();

    const opening = await failureOf(run(impatientSteps().openSilences, input), []);
    const deleting = await failureOf(run(steps().deleteProbes, input), []);

    for (const { message } of [opening, deleting])
      expect(message).toContain(`no silence can be in force at Alertmanager ${hostOf(members[1])}`);
    expect(deletes()).toBe(0);
  });
});

test('a member that refuses us is told as such, and is not taken for a dead one', async () => {
  members = [await startAlertmanager()];
  const stranger = await startFakeHttp(reply(401, ''));
  const alertmanager = clientOf(members[0]?.url ?? '', stranger.url);

  const failure = await failureOf(run(world.activities({ alertmanager }).openSilences, await doomed()), []);

  expect(failure).toMatchObject({ type: 'unauthenticated', nonRetryable: true });
  expect(failure.message).toContain(new URL(stranger.url).host);
  await stranger.stop();
});
