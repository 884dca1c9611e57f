import { expect, test } from 'vitest';

import type { GuestState } from '../../lab/guests/index.ts';
import { eventually } from '../support/await.ts';
import { valueOf } from './support/exposition.ts';
import { aDocument, someServers, startPeers, startTestGuests } from './support/guests.ts';
import { startRelay } from './support/relay.ts';

test('Without S3 every guest says so and keeps its list; with S3 back it takes the new one', async () => {
  const before = await startPeers();
  await using relay = await startRelay(before.server.url);
  const servers = someServers(3, before.url.replace(before.server.url, relay.url), '127.78');
  const [first] = servers;
  if (first === undefined) throw new Error('no server');
  await before.publish(aDocument(3, servers));
  await using lab = await startTestGuests();
  for (const server of servers) lab.guests.boot(server);
  await everyGuest('has generation 3', ({ generation }) => generation === 3);

  await before[Symbol.asyncDispose]();
  await everyGuest('misses S3', ({ lastPull }) => lastPull === 'unreachable');
  const without = await lab.scrape(first, 'ping');

  expect(valueOf(without, 'innervisor_agent_last_run_ok')).toBe(0);
  expect(valueOf(without, 'innervisor_agent_peers_generation')).toBe(3);
  expect(valueOf(without, 'innervisor_agent_peers_listed')).toBe(3);
  expect(valueOf(without, 'innervisor_agent_last_result', { result: 'unreachable' })).toBe(1);
  expect(valueOf(without, 'innervisor_ping_peers')).toBe(2);

  await using after = await startPeers();
  await after.publish(aDocument(4, servers));
  relay.pointTo(after.server.url);
  await everyGuest('has generation 4', ({ generation }) => generation === 4);
  const back = await lab.scrape(first, 'ping');

  expect(valueOf(back, 'innervisor_agent_last_run_ok')).toBe(1);

  function everyGuest(what: string, holds: (state: GuestState) => boolean): Promise<unknown> {
    return eventually(() => lab.guests.states().every(holds), { describe: `every guest ${what}` });
  }
}, 90_000);

test('An S3 that takes connections and says nothing counts as gone', async () => {
  await using published = await startPeers();
  const servers = someServers(1, published.url, '127.79');
  const [only] = servers;
  if (only === undefined) throw new Error('no server');
  await published.publish(aDocument(1, servers));
  await using lab = await startTestGuests();
  lab.guests.boot(only);
  await eventually(() => lab.guests.states()[0]?.generation === 1, { describe: 'it has generation 1' });

  process.kill(published.server.pid, 'SIGSTOP');
  try {
    await eventually(() => lab.guests.states()[0]?.lastPull === 'unreachable', { describe: 'it misses S3' });
  } finally {
    process.kill(published.server.pid, 'SIGCONT');
  }

  await eventually(() => lab.guests.states()[0]?.lastPull === 'unchanged', { describe: 'it pulls again' });
});
