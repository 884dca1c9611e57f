import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { freePorts } from '../../lab/servers/port.ts';
import { eventually } from '../support/await.ts';
import { startExporter, type Exporter } from './exporter.ts';
import { guestEnvironment, explainNoPing } from './support.ts';

const env = await guestEnvironment();
const whyNoPing = await explainNoPing(env);

describe('the exporter with the real fping', () => {
  let dir: string;
  let exporter: Exporter;
  let generation = 0;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'innervisor-ping-'));
    const [port = 0] = await freePorts(1);
    await Promise.all(['state', 'run'].map((folder) => mkdir(join(dir, folder))));
    const settings = {
      public_targets: ['127.0.9.9'],
      exporter_port: port,
      disk_file_mebibytes: 1,
      mtu: 1500,
    };
    await writeFile(join(dir, 'probe.json'), JSON.stringify(settings));
    exporter = await startExporter(dir, port, env);
  });

  afterAll(async () => {
    await exporter.stop();
    await rm(dir, { recursive: true, force: true });
  });

  beforeEach((context) => {
    if (whyNoPing !== undefined) context.skip(whyNoPing);
  });

  /** Puts a list where the agent would. */
  async function list(text: string): Promise<void> {
    await writeFile(join(dir, 'state/new'), text);
    await rename(join(dir, 'state/new'), join(dir, 'state/peers.json'));
  }

  async function listPeers(...numbers: readonly number[]): Promise<void> {
    generation += 1;
    const peers = numbers.map((n) => ({
      probe_id: `0000000${n}`,
      address: `127.0.2.${n}`,
      hypervisor: `cmp "${n}"`,
      availability_zone: n === 1 ? null : 'nova',
    }));
    await list(JSON.stringify({ schema: 1, generation, sha256: `sum-${generation}`, peers }));
    await eventually(async () => (await exporter.status()).generation === generation, {
      describe: 'the list is in force',
    });
  }

  const labelsOf = (n: number, zone = 'nova'): string =>
    `{kind="mesh",peer_id="0000000${n}",peer_hypervisor="cmp \\"${n}\\"",peer_zone="${zone}"}`;

  /** The value of a series, `undefined` when it isn't there. */
  async function value(series: string): Promise<number | undefined> {
    const line = (await exporter.metrics()).split('\n').find((text) => text.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length));
  }

  async function received(n: number): Promise<number> {
    return (await value(`innervisor_ping_received_total${labelsOf(n)}`)) ?? 0;
  }

  it('lets counters live on when peers come and go, and drops the series of who left', async () => {
    await listPeers(2, 3);
    await eventually(async () => (await received(2)) >= 2 && (await received(3)) >= 2, {
      describe: 'two answers each',
    });
    const before = await received(2);

    await listPeers(2, 4);

    expect(await received(2)).toBeGreaterThanOrEqual(before);
    await eventually(async () => (await received(4)) >= 1 && (await received(2)) > before, {
      describe: 'the newcomer and the one who stayed answer',
    });
    expect(await value(`innervisor_ping_sent_total${labelsOf(3)}`)).toBeUndefined();
    expect(await value('innervisor_ping_restarts_total{group="mesh"}')).toBe(0);
  });

  it('has 11 series a peer besides that of the full MTU, which comes within a minute', async () => {
    await listPeers(1, 2);
    const sent = `innervisor_ping_sent_total${labelsOf(1, 'unknown')}`;
    await eventually(async () => ((await value(sent)) ?? 0) >= 1, { describe: 'an answer' });

    const lines = (await exporter.metrics())
      .split('\n')
      .filter((line) => line.includes('peer_id="00000001"') && !line.includes('full_mtu'));

    expect(lines.length).toBe(11);
  });

  it('pings the public targets under their own labels', async () => {
    const series = 'innervisor_ping_received_total{kind="public",target="127.0.9.9"}';

    await eventually(async () => ((await value(series)) ?? 0) >= 1, { describe: 'a public target answers' });
  });

  it.each([
    ['a truncated file', '{"schema":1,"generation":99,"peers":[{"probe_id":"a"'],
    ['another schema', '{"schema":2,"generation":99,"sha256":"","peers":[]}'],
    ['a host name', '{"schema":1,"generation":99,"sha256":"","peers":[{"address":"example.org"}]}'],
    ['an empty file', ''],
  ])('keeps the list in force over %s, and says so', async (_what, text) => {
    await listPeers(1, 2);

    await list(text);

    await eventually(async () => (await exporter.status()).error !== null, { describe: 'the error is told' });
    expect(await exporter.status()).toMatchObject({ generation, peers: 2 });
    expect(await value('innervisor_ping_peers_load_ok')).toBe(0);
    const before = await received(2);
    await eventually(async () => (await received(2)) > before, { describe: 'the pings go on' });
  });
});
