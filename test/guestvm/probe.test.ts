import { generateKeyPairSync } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { eventually } from '../support/await.ts';
import { parseExposition } from '../simulation/support/exposition.ts';
import {
  bounds,
  documentedNames,
  isComplete,
  modes,
  shapes,
  type Families,
} from '../simulation/support/families.ts';
import { aDocument, someServers, startPeers, startTestGuests } from '../simulation/support/guests.ts';
import {
  aPeer,
  AGENT_INTERVAL_SECONDS,
  bootRegion,
  findImage,
  NOBODY,
  type BootedRegion,
} from './support/region.ts';
import { makeOperatorKey, type OperatorKey } from './support/secureShell.ts';

/** Software emulation beside whatever else the machine does. */
const BOOT_MS = 600_000;
const SOON_MS = AGENT_INTERVAL_SECONDS * 6_000;
const GENERATION = 7;

let operator: OperatorKey;
let region: BootedRegion;

beforeAll(async () => {
  operator = await makeOperatorKey();
  region = await bootRegion(await findImage(), operator.publicKey);
  await region.publish(GENERATION, peers());
  for (const { guest, probe } of region.probes) {
    const seconds = await guest.awaitConsole(/cloud-init.* finished/i, BOOT_MS);
    console.log(`${probe.name}: set up after ${seconds.toFixed(0)} s`);
  }
}, BOOT_MS);

afterAll(async () => {
  await region[Symbol.asyncDispose]();
  await operator[Symbol.asyncDispose]();
});

function peers() {
  return region.probes.map(({ peer }) => peer);
}

/** The one value of a query, whatever its labels. */
async function valueOf(promql: string): Promise<number | undefined> {
  return (await region.prometheus.queryInstant(promql)).at(0)?.value;
}

async function untilValue(promql: string, wanted: (value: number) => boolean): Promise<void> {
  await eventually(
    async () => {
      const samples = await region.prometheus.queryInstant(promql);
      expect(samples.length, `samples of ${promql}`).toBeGreaterThan(0);
      for (const { value } of samples) expect(wanted(value), `${promql} is ${value}`).toBe(true);
      return true;
    },
    { describe: promql, timeoutMs: SOON_MS, intervalMs: 500 },
  );
}

async function families(index: 0 | 1, exporter: 'node' | 'ping'): Promise<Families> {
  return parseExposition(await region.probes[index].scrape(exporter));
}

/** Waits until a run of each agent has ended with this, and after it was asked for. */
async function untilResult(result: string): Promise<void> {
  await untilValue(`count(innervisor_agent_last_result{result="${result}"} == 1)`, (count) => count === 2);
}

describe('two booted probes', () => {
  test('Prometheus finds both exporters of both', async () => {
    await untilValue('count(up == 1)', (count) => count === 4);
    await untilValue('time() - process_start_time_seconds{exporter="node"}', (age) => age > 0 && age < 3_600);
  });

  test('no unit has failed', async () => {
    const [{ guest }] = region.probes;

    // The agent's first run may come before the list, and then the next one is fine.
    await eventually(
      async () => (await operator.run(guest.portTo(22), 'systemctl --failed --plain --no-legend')) === '',
      { describe: 'no unit is failed', timeoutMs: SOON_MS, intervalMs: 1_000 },
    );
  });

  test('they have pulled the list and ping each other', async () => {
    await untilValue('innervisor_agent_peers_generation', (generation) => generation === GENERATION);
    for (const [own, other] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const series = `{probe_id="${region.probes[own].probe.probeId}",peer_id="${region.probes[other].probe.probeId}"}`;
      await untilValue(`innervisor_ping_received_total${series}`, (received) => received >= 3);
      await untilValue(`innervisor_ping_full_mtu_ok${series}`, (ok) => ok === 1);
    }
  });

  test('they serve every series of docs/metrics.md', async () => {
    const documented = await documentedNames();

    for (const index of [0, 1] as const) {
      await eventually(
        async () => {
          const served = [...(await families(index, 'ping'))].filter(([, { samples }]) => samples.length > 0);
          expect(served.map(([name]) => name).toSorted()).toEqual(documented);
          return true;
        },
        { describe: 'all series have samples', timeoutMs: SOON_MS, intervalMs: 1_000 },
      );
    }
  });

  test('public targets, name servers and the disk are measured', async () => {
    await untilValue('innervisor_ping_received_total{kind="public"}', (received) => received > 0);
    await untilValue('innervisor_dns_answers_total{server="10.0.2.2"}', (answers) => answers > 0);
    await untilValue('innervisor_disk_ready', (ready) => ready === 1);
    await untilValue('innervisor_steal_bursts_total', (bursts) => bursts > 10);
  });

  test('simulated probes serve the very same series', async () => {
    await using published = await startPeers();
    const [own, peer] = someServers(2, published.url, '127.81');
    if (own === undefined || peer === undefined) throw new Error('no servers');
    await published.publish(aDocument(1, [own, peer]));
    await using lab = await startTestGuests();
    for (const each of [own, peer]) lab.guests.boot(each);
    const simulated = async (exporter: 'node' | 'ping') => parseExposition(await lab.scrape(own, exporter));
    await eventually(async () => isComplete(await simulated('ping')), {
      describe: 'the guest has its peers',
    });

    const [node, ping] = [await simulated('node'), await simulated('ping')];

    expect(shapes(ping)).toEqual(shapes(await families(0, 'ping')));
    expect(bounds(ping)).toEqual(bounds(await families(0, 'ping')));
    const actual = await families(0, 'node');
    expect(shapes(node)).toEqual(shapes(actual, node));
    expect(modes(node)).toEqual(modes(actual));
  });

  test('only the exporters listen, and sshd where there is a key', async () => {
    const [withKey, without] = region.probes;

    const listening = await operator.run(withKey.guest.portTo(22), 'ss -Hltn | tr -s " " | cut -d " " -f 4');
    const ports = listening.split('\n').flatMap((line) => /:(\d+)$/.exec(line)?.[1] ?? []);
    expect([...new Set(ports)].toSorted()).toEqual(['22', '9100', '9374']);

    const knock = `timeout 10 bash -c 'exec 3<>/dev/tcp/${without.peer.address}/22' 2>&1; echo "ended with $?"`;
    expect(await operator.run(withKey.guest.portTo(22), knock)).toMatch(/refused[^]*ended with 1/);
  });

  test('exporters answer nobody outside of the networks of Prometheus', async () => {
    const [from, to] = region.probes;

    for (const port of [9100, 9374]) {
      const ask = `curl --silent --max-time 10 --output /dev/null http://${to.peer.address}:${port}/metrics; echo "ended with $?"`;
      expect(await operator.run(from.guest.portTo(22), ask)).not.toContain('ended with 0');
    }
  });

  test('nothing of ours runs as root', async () => {
    const [{ guest }] = region.probes;
    const list = 'ps -eo user=,args= | grep -E "innervisor|node.exporter|fping" | grep -v grep';

    const processes = (await operator.run(guest.portTo(22), list)).split('\n').filter((line) => line !== '');

    expect(processes.length).toBeGreaterThanOrEqual(4);
    for (const line of processes) expect(line).not.toMatch(/^root /);
  });
});

describe('a list of peers', () => {
  const pinged = 'innervisor_ping_peers';
  const generation = 'innervisor_ping_peers_generation';

  test('that is new moves both, and counters of peers that stay go on', async () => {
    const stays = `innervisor_ping_received_total{probe_id="${region.probes[0].probe.probeId}",kind="mesh"}`;
    const before = (await valueOf(stays)) ?? 0;

    await region.publish(GENERATION + 1, [...peers(), aPeer(9, NOBODY)]);

    await untilValue(generation, (value) => value === GENERATION + 1);
    await untilValue(pinged, (count) => count === 2);
    await untilValue(`${stays} > ${before}`, () => true);
    await untilValue('innervisor_ping_sent_total{peer_id="0a1b2c39"}', (sent) => sent > 0);
    expect(await valueOf('max(innervisor_ping_received_total{peer_id="0a1b2c39"})')).toBe(0);
  });

  test('that another key has signed moves nobody, and both say so', async () => {
    await region.publish(GENERATION + 2, [aPeer(9, NOBODY)], generateKeyPairSync('ed25519').privateKey);

    await untilResult('bad_signature');
    expect(await valueOf(`min(${generation})`)).toBe(GENERATION + 1);
    expect(await valueOf(`max(${generation})`)).toBe(GENERATION + 1);
    await untilValue('innervisor_agent_last_run_ok', (ok) => ok === 0);
  });

  test('that leads to an address outside of the probes’ network moves nobody', async () => {
    await region.publish(GENERATION + 2, [...peers(), aPeer(9, '192.0.2.66')]);

    await untilResult('bad_peers');
    expect(await valueOf(`max(${generation})`)).toBe(GENERATION + 1);
    expect(await valueOf(`max(${pinged})`)).toBe(2);
  });

  test('stays in force while S3 is away, and the next one is taken when it is back', async () => {
    await region.s3.crash();
    await untilResult('unreachable');
    expect(await valueOf(`min(${generation})`)).toBe(GENERATION + 1);

    await region.s3.restart();
    await region.publish(GENERATION + 3, peers());

    await untilValue(generation, (value) => value === GENERATION + 3);
    await untilValue(pinged, (count) => count === 1);
    await untilValue('innervisor_agent_last_run_ok', (ok) => ok === 1);
  });
});
