import { generateKeyPairSync } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { GuestServer, GuestState } from '../../lab/guests/index.ts';
import { eventually } from '../support/await.ts';
import { valueOf } from './support/exposition.ts';
import {
  aDocument,
  someServers,
  startPeers,
  startTestGuests,
  type PublishedPeers,
} from './support/guests.ts';

const HUGE_BYTES = 17 * 1024 * 1024;

let published: PublishedPeers;
let servers: readonly GuestServer[];

beforeAll(async () => {
  published = await startPeers();
  servers = someServers(3, published.url, '127.77');
});

afterAll(() => published[Symbol.asyncDispose]());

test('A guest pings its peers and the public targets, but not itself', async () => {
  await published.publish(aDocument(1, servers));
  await using lab = await startTestGuests();
  const first = bootAll(lab.guests, servers);

  await eventually(() => allAt(lab.guests.states(), 1), { describe: 'all guests have generation 1' });
  const metrics = await lab.scrape(first, 'ping');

  expect(valueOf(metrics, 'innervisor_agent_peers_generation')).toBe(1);
  expect(valueOf(metrics, 'innervisor_agent_last_pull_successful')).toBe(1);
  expect(pinged(metrics)).toEqual(['127.77.0.2', '127.77.0.3', '192.0.2.1']);
});

test('A guest takes a newer document, asks only whether it has changed, and keeps its counters', async () => {
  await published.publish(aDocument(1, servers.slice(0, 2)));
  await using lab = await startTestGuests();
  const first = bootAll(lab.guests, servers);
  await eventually(
    async () =>
      valueOf(await lab.scrape(first, 'ping'), 'smokeping_requests_total', { ip: '127.77.0.2' }) > 0,
    { describe: 'a ping was sent' },
  );

  await published.publish(aDocument(2, servers));
  await eventually(() => allAt(lab.guests.states(), 2), { describe: 'all guests have generation 2' });
  const metrics = await lab.scrape(first, 'ping');

  expect(pinged(metrics)).toContain('127.77.0.3');
  expect(valueOf(metrics, 'smokeping_requests_total', { ip: '127.77.0.2' })).toBeGreaterThan(0);
  const statuses = (await published.server.requests()).filter(({ method }) => method === 'GET');
  expect(statuses.map(({ status }) => status)).toContain(304);
});

test.for([
  ['signed by another key', 'signature', () => published.publish(aDocument(6, servers), otherKey())],
  ['that is older', 'generation 4 is older than 5', () => published.publish(aDocument(4, servers))],
  ['with a host name', 'no IP address', () => published.publish(withAddress('probe.example.net'))],
  ['of another region', 'region elsewhere', () => published.publish(of({ region: 'elsewhere' }))],
  ['of another installation', 'installation other', () => published.publish(of({ installation: 'other' }))],
  ['of an unknown schema', 'schema', () => published.publish(of({ schema: 2 }))],
  ['that is malformed', 'not signed JSON', () => published.publishText('{"schema":1,')],
  ['that is not signed', 'not signed JSON', () => published.publishText(JSON.stringify(of({})))],
  ['that is huge', 'more than 16777216 bytes', () => published.publish(of({ pad: 'x'.repeat(HUGE_BYTES) }))],
] as const)('A document %s is refused, and the last good one stays in force', async ([, why, spoil]) => {
  await published.publish(aDocument(5, servers));
  await using lab = await startTestGuests();
  const first = bootAll(lab.guests, servers);
  await eventually(() => allAt(lab.guests.states(), 5), { describe: 'all guests have generation 5' });

  await spoil();
  await eventually(() => lab.guests.states().every(({ lastPullError }) => lastPullError?.includes(why)), {
    describe: `every guest refuses it because of ${why}`,
  });
  const metrics = await lab.scrape(first, 'ping');

  expect(allAt(lab.guests.states(), 5)).toBe(true);
  expect(valueOf(metrics, 'innervisor_agent_last_pull_successful')).toBe(0);
  expect(pinged(metrics)).toEqual(['127.77.0.2', '127.77.0.3', '192.0.2.1']);
});

function bootAll(guests: { boot(server: GuestServer): void }, all: readonly GuestServer[]): GuestServer {
  for (const server of all) guests.boot(server);
  const [first] = all;
  if (first === undefined) throw new Error('no server');
  return first;
}

function allAt(states: readonly GuestState[], generation: number): boolean {
  return states.length > 0 && states.every((state) => state.generation === generation);
}

function pinged(metrics: string): readonly string[] {
  return [...metrics.matchAll(/^smokeping_requests_total\{host="([^"]+)"/gm)]
    .map(([, host = '']) => host)
    .toSorted();
}

function of(change: object): object {
  return aDocument(6, servers, change);
}

function withAddress(address: string): object {
  return aDocument(
    6,
    servers.map((server) => ({ ...server, addresses: [address] })),
  );
}

function otherKey() {
  return generateKeyPairSync('ed25519').privateKey;
}
