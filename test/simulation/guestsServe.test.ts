import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import type { GuestServer } from '../../lab/guests/index.ts';
import { eventually } from '../support/await.ts';
import { valueOf } from './support/exposition.ts';
import { aDocument, someServers, startPeers, startTestGuests, type TestGuests } from './support/guests.ts';

const GUESTS_MANY = 300;
const NOWHERE = 'http://127.0.0.1:9/peers.json';

test('A guest answers only once it has booted, and no more after its stop', async () => {
  await using lab = await startTestGuests();
  const server = oneServer('127.82');

  lab.guests.boot(server);
  expect(lab.guests.states()[0]?.phase).toBe('booting');
  await expect(lab.scrape(server, 'node')).rejects.toThrow('fetch failed');
  await eventually(() => lab.scrape(server, 'node'), { describe: 'the guest answers' });
  await lab.guests.stop(server.serverId);

  await expect(lab.scrape(server, 'node')).rejects.toThrow('fetch failed');
  expect(lab.guests.states()).toEqual([]);
});

test("A guest whose host died breaks connections, loses its peers' pings, and is back with its host", async () => {
  await using published = await startPeers();
  const [first, second] = someServers(2, published.url, '127.83');
  if (first === undefined || second === undefined) throw new Error('no servers');
  await published.publish(aDocument(1, [first, second]));
  await using lab = await startTestGuests();
  for (const server of [first, second]) lab.guests.boot(server);
  await eventually(async () => (await answered(lab, first)) > 0, { describe: 'pings were answered' });

  lab.guests.setReachable(second.serverId, false);
  await expect(lab.scrape(second, 'node')).rejects.toThrow('fetch failed');
  const [sentBefore, answeredBefore] = [await sent(lab, first), await answered(lab, first)];
  await eventually(async () => (await sent(lab, first)) > sentBefore + 1, { describe: 'it pings on' });

  expect(await answered(lab, first)).toBeLessThanOrEqual(answeredBefore + 1);
  lab.guests.setReachable(second.serverId, true);
  await eventually(() => lab.scrape(second, 'node'), { describe: 'it answers again' });
});

test('A connection that stands when the host dies is broken, also when nothing is asked through it', async () => {
  await using lab = await startTestGuests();
  const server = oneServer('127.90');
  lab.guests.boot(server);
  await eventually(() => lab.scrape(server, 'node'), { describe: 'the guest answers' });
  const socket = connect(lab.ports.node, server.addresses[0] ?? '');
  socket.on('error', () => socket.destroy());
  socket.resume().write('GET /metrics HTTP/1.1\r\nhost: guest\r\n\r\n');
  await once(socket, 'data');

  lab.guests.setReachable(server.serverId, false);

  await eventually(() => socket.destroyed, { describe: 'the connection is broken' });
});

test('A moved guest keeps its address and counters, and feels its new hypervisor', async () => {
  await using lab = await startTestGuests();
  const server = oneServer('127.84');
  lab.model.setLoad('hv-busy', { load: 4 });
  lab.guests.boot(server);
  await eventually(async () => (await busySeconds(lab, server)) > 0, { describe: 'it has worked' });
  const before = valueOf(await lab.scrape(server, 'node'), 'node_cpu_seconds_total', { mode: 'user' });

  lab.guests.move(server.serverId, {
    hypervisor: 'hv-busy',
    host: 'host-busy',
    availabilityZone: server.availabilityZone,
  });
  await eventually(async () => (await stolenShare(lab, server)) > 0.5, { describe: 'CPU time is stolen' });
  const after = await lab.scrape(server, 'node');

  expect(valueOf(after, 'node_cpu_seconds_total', { mode: 'user' })).toBeGreaterThanOrEqual(before);
  expect(lab.guests.states()[0]).toMatchObject({ hypervisor: 'hv-busy', addresses: server.addresses });
});

test('A server that boots again has a new boot time, and its counters start at 0', async () => {
  await using lab = await startTestGuests();
  const server = oneServer('127.85');
  lab.guests.boot(server);
  await eventually(async () => (await bootTime(lab, server)) > 0, { describe: 'it has booted' });
  const before = await bootTime(lab, server);

  lab.guests.boot(server);

  await eventually(async () => (await bootTime(lab, server)) > before, { describe: 'it has booted again' });
  expect(lab.guests.states()).toHaveLength(1);
});

test('A guest that is given the address of another serves nothing and says why', async () => {
  await using lab = await startTestGuests();
  const server = oneServer('127.86');
  lab.guests.boot(server);
  await eventually(() => lab.scrape(server, 'node'), { describe: 'the first answers' });

  lab.guests.boot({ ...server, serverId: 'twin', name: 'twin' });
  await eventually(() => lab.guests.states()[1]?.phase === 'broken', { describe: 'the second has failed' });

  expect(lab.guests.states()[1]?.problem).toContain('is the address of server server-0 already');
  expect(await lab.scrape(server, 'node')).toContain(`nodename="${server.name}"`);
});

test(`${GUESTS_MANY} guests, each with listeners of its own, all answer and leave nothing behind`, async () => {
  await using published = await startPeers();
  const servers = someServers(GUESTS_MANY, published.url, '127.87');
  await published.publish(aDocument(1, servers));
  await using lab = await startTestGuests();
  for (const server of servers) lab.guests.boot(server);
  await eventually(() => lab.guests.states().every(({ generation }) => generation === 1), {
    describe: 'every guest has the peers',
    timeoutMs: 30_000,
  });

  const bodies = await Promise.all(servers.map((server) => lab.scrape(server, 'ping')));
  await lab.guests.stopAll();
  const after = await Promise.allSettled(servers.map((server) => lab.scrape(server, 'node')));

  expect(bodies.every((body) => valueOf(body, 'innervisor_agent_peers_listed') === GUESTS_MANY)).toBe(true);
  const pinged = bodies.reduce((sum, body) => sum + valueOf(body, 'innervisor_ping_peers'), 0);
  // By 20 watchers each, of more than 64 others.
  expect(pinged).toBe(20 * GUESTS_MANY);
  expect(after.every(({ status }) => status === 'rejected')).toBe(true);
});

test('Guests behind one listener are told apart by their address; other addresses break', async () => {
  const script = fileURLToPath(new URL('support/wildcardGuests.ts', import.meta.url));
  const inside = `ip link set lo up && exec "${process.execPath}" "${script}"`;

  // One listener takes its ports on every address, so it gets a network of its own, with a loopback only.
  const { stdout } = await promisify(execFile)('unshare', ['-Urn', 'sh', '-c', inside]);

  expect(JSON.parse(stdout)).toEqual({
    '127.88.0.1': 'probe-hv0-0',
    '127.88.0.2': 'probe-hv1-1',
    '127.88.0.3': 'broken',
    '127.88.0.9': 'broken',
  });
});

function oneServer(net: string): GuestServer {
  const [server] = someServers(1, NOWHERE, net);
  if (server === undefined) throw new Error('no server');
  return server;
}

async function sent(lab: TestGuests, server: GuestServer): Promise<number> {
  return pingCount(await lab.scrape(server, 'ping'), 'innervisor_ping_sent_total');
}

async function answered(lab: TestGuests, server: GuestServer): Promise<number> {
  return pingCount(await lab.scrape(server, 'ping'), 'innervisor_ping_received_total');
}

/** The pings to the second server, 0 before it is known. */
function pingCount(metrics: string, name: string): number {
  const peer = { peer_id: 'probe-server-1' };
  return metrics.includes('peer_id=') ? valueOf(metrics, name, peer) : 0;
}

async function busySeconds(lab: TestGuests, server: GuestServer): Promise<number> {
  return valueOf(await lab.scrape(server, 'node'), 'node_cpu_seconds_total', { mode: 'user' });
}

async function stolenShare(lab: TestGuests, server: GuestServer): Promise<number> {
  const metrics = await lab.scrape(server, 'node');
  const [steal = 0, ...run] = ['steal', 'user', 'system'].map((mode) =>
    valueOf(metrics, 'node_cpu_seconds_total', { mode }),
  );
  return steal / (steal + run.reduce((sum, seconds) => sum + seconds, 0));
}

async function bootTime(lab: TestGuests, server: GuestServer): Promise<number> {
  return valueOf(await lab.scrape(server, 'node'), 'node_boot_time_seconds');
}
