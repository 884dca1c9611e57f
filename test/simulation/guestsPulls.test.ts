import { generateKeyPairSync } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { GuestServer, GuestState } from '../../lab/guests/index.ts';
import { eventually } from '../support/await.ts';
import { parseExposition, valueOf } from './support/exposition.ts';
import {
  aDocument,
  someServers,
  startPeers,
  startTestGuests,
  type PublishedPeers,
} from './support/guests.ts';

const HUGE_BYTES = 2 * 1024 * 1024;

const PEER = { peer_id: 'probe-server-1' };

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
  expect(valueOf(metrics, 'innervisor_agent_last_run_ok')).toBe(1);
  expect(pinged(metrics)).toEqual(['probe-server-1', 'probe-server-2', '192.0.2.1']);
  expect(lab.guests.states()[0]?.pings).toEqual(['127.77.0.2', '127.77.0.3', '192.0.2.1']);
});

test('A guest takes a newer document, asks only whether it has changed, and keeps its counters', async () => {
  await published.publish(aDocument(1, servers.slice(0, 2)));
  await using lab = await startTestGuests();
  const first = bootAll(lab.guests, servers);
  await eventually(
    async () => valueOf(await lab.scrape(first, 'ping'), 'innervisor_ping_sent_total', PEER) > 0,
    { describe: 'a ping was sent' },
  );

  await published.publish(aDocument(2, servers));
  await eventually(() => allAt(lab.guests.states(), 2), { describe: 'all guests have generation 2' });
  const metrics = await lab.scrape(first, 'ping');

  expect(pinged(metrics)).toContain('probe-server-2');
  expect(valueOf(metrics, 'innervisor_ping_sent_total', PEER)).toBeGreaterThan(0);
  const statuses = (await published.server.requests()).filter(({ method }) => method === 'GET');
  expect(statuses.map(({ status }) => status)).toContain(304);
});

test.for([
  ['signed by another key', 'bad_signature', () => published.publish(aDocument(6, servers), otherKey())],
  ['that is older', 'older', () => published.publish(aDocument(4, servers))],
  ['with a host name', 'bad_peers', () => published.publish(withAddress('probe.example.net'))],
  ['with an address twice', 'bad_peers', () => published.publish(withAddress('127.77.0.9'))],
  ['of another region', 'foreign', () => published.publish(of({ region: 'elsewhere' }))],
  ['of another installation', 'foreign', () => published.publish(of({ installation: 'other' }))],
  ['of an unknown schema', 'wrong_schema', () => published.publish(of({ schema: 2 }))],
  ['that is malformed', 'malformed', () => published.publishText('{"schema":1,')],
  ['that is not signed', 'bad_signature', () => published.publishText(JSON.stringify(of({})))],
  ['that is empty', 'empty', () => published.publishText('')],
  ['that is huge', 'too_large', () => published.publish(of({ pad: 'x'.repeat(HUGE_BYTES) }))],
] as const)('A document %s is refused, and the last good one stays in force', async ([, result, spoil]) => {
  await published.publish(aDocument(5, servers));
  await using lab = await startTestGuests();
  const first = bootAll(lab.guests, servers);
  await eventually(() => allAt(lab.guests.states(), 5), { describe: 'all guests have generation 5' });

  await spoil();
  await eventually(() => lab.guests.states().every(({ lastPull }) => lastPull === result), {
    describe: `every guest refuses it as ${result}`,
  });
  const metrics = await lab.scrape(first, 'ping');

  expect(allAt(lab.guests.states(), 5)).toBe(true);
  expect(valueOf(metrics, 'innervisor_agent_last_run_ok')).toBe(0);
  expect(valueOf(metrics, 'innervisor_agent_last_result', { result })).toBe(1);
  expect(pinged(metrics)).toEqual(['probe-server-1', 'probe-server-2', '192.0.2.1']);
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
  const sent = parseExposition(metrics).get('innervisor_ping_sent_total')?.samples ?? [];
  return sent.map(({ labels }) => labels['peer_id'] ?? labels['target'] ?? '');
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
