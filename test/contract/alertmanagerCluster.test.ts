import { afterEach, beforeEach, expect, test } from 'vitest';

import { startAlertmanagerPair, type AlertmanagerServer } from '../../lab/servers/index.ts';
import {
  createAlertmanagerClient,
  type AlertmanagerClient,
  type SilenceSpec,
} from '../../src/alertmanager/client.ts';
import { eventually } from '../support/await.ts';
import { reply, startFakeHttp } from './fakeHttp.ts';

let pair: readonly [AlertmanagerServer, AlertmanagerServer];
let cluster: AlertmanagerClient;

beforeEach(async () => {
  pair = await startAlertmanagerPair();
  cluster = clientOf(...pair.map(({ url }) => url));
  await eventually(async () => (await cluster.getStatus()).peers === 2, {
    describe: 'the members to find each other',
    timeoutMs: 30_000,
  });
});
afterEach(async () => {
  await Promise.all(pair.map((member) => member.stop()));
});

function clientOf(...urls: readonly string[]): AlertmanagerClient {
  return createAlertmanagerClient({ urls, auth: { kind: 'none' }, requestTimeoutMs: 5_000 });
}

function aSilence(): SilenceSpec {
  return {
    matchers: [{ name: 'probe_id', value: '0000000a', isRegex: true, isEqual: true }],
    startsAt: new Date().toISOString(),
    endsAt: new Date(Date.now() + 3_600_000).toISOString(),
    createdBy: 'innervisor/test/luxembourg',
    comment: 'of a test',
  };
}

/** How many silences are in force, as each member says itself. */
async function inForce(): Promise<readonly number[]> {
  const lists = pair.map(({ url }) => clientOf(url).listSilences({ states: ['active'] }));
  return (await Promise.all(lists)).map(({ length }) => length);
}

/** Waits until every member says so. */
async function everywhere(count: number): Promise<void> {
  await eventually(async () => (await inForce()).every((each) => each === count), {
    describe: `both members to have ${count} silences in force`,
    timeoutMs: 30_000,
  });
}

test('a silence that is made at one member is soon in force at the other', async () => {
  const id = await cluster.createSilence(aSilence());

  await everywhere(1);

  const members = await cluster.listSilencesOfMembers();
  expect(members.map(({ member }) => `http://${member}`)).toEqual(pair.map(({ url }) => url));
  expect(members.map(({ silences }) => silences.map((silence) => silence.id))).toEqual([[id], [id]]);
});

test('a silence that is made while one member is dead is ended without a trace once it is back', async () => {
  const [first] = pair;
  await first.crash();
  const id = await cluster.createSilence(aSilence());
  await first.restart();

  // At this moment the first one may or may not have heard of it.
  const listed = await cluster.listSilences({ states: ['active'] });
  await cluster.expireSilence(id);

  expect(listed.map((silence) => silence.id)).toEqual([id]);
  await everywhere(0);
});

test('a silence that is ended while the member that made it is dead stays ended when that one is back', async () => {
  const [first] = pair;
  const id = await cluster.createSilence(aSilence());
  await everywhere(1);
  await first.crash();

  await cluster.expireSilence(id);
  await first.restart();

  await everywhere(0);
  const ids = (await cluster.listSilences()).map((silence) => silence.id);
  expect(ids).toEqual([id]);
});

test('a silence is extended under its own id at the member that knows it', async () => {
  const [first, second] = pair;
  await first.crash();
  const spec = aSilence();
  const id = await clientOf(second.url).createSilence(spec);
  const [silence] = await cluster.listSilences();
  const endsAt = new Date(Date.now() + 7_200_000).toISOString();

  const updated = await cluster.updateSilence(id, { ...spec, startsAt: silence?.startsAt ?? '', endsAt });

  expect(updated).toBe(id);
  await first.restart();
  await everywhere(1);
  expect((await cluster.listSilences()).map((each) => each.endsAt)).toEqual([endsAt]);
});

test('a member that is listed with a failure says which one and why, and is written to last', async () => {
  const proxy = await startFakeHttp(reply(502, 'Bad Gateway'));
  const behind = clientOf(proxy.url, pair[0].url);

  const members = await behind.listSilencesOfMembers();
  const id = await behind.createSilence(aSilence());
  await behind.expireSilence(id);

  expect(members.map(({ failure }) => failure?.status)).toEqual([502, undefined]);
  expect(proxy.requests).toEqual(['GET /api/v2/silences', `DELETE /api/v2/silence/${id}`]);
  await proxy.stop();
});
