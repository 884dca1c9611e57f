import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { readUserData } from '../../lab/guests/cloudConfig.ts';
import type { GuestServer } from '../../lab/guests/index.ts';
import { SETTINGS_PATH } from '../../lab/guests/settings.ts';
import { launch, type Launched } from '../../lab/servers/launch.ts';
import { freePorts } from '../../lab/servers/port.ts';
import { answersHttp } from '../../lab/servers/readiness.ts';
import { ensureTools } from '../../lab/tools/ensureTools.ts';
import { AGENT, LIB, startExporter, type Exporter } from '../guest/exporter.ts';
import { guestEnvironment, mayPing as isPingAllowed } from '../guest/support.ts';
import { eventually } from '../support/await.ts';
import { parseExposition, valueOf, type ScrapedFamily } from './support/exposition.ts';
import { aDocument, someServers, startPeers, startTestGuests } from './support/guests.ts';

type Families = ReadonlyMap<string, ScrapedFamily>;

const TIMEOUT_MS = 60_000;
const env = await guestEnvironment();
const mayPing = await isPingAllowed(env);

test("A guest's node exporter serves nothing that the real one doesn't, under the same names, labels and types", async () => {
  await using real = await startNodeExporter();
  await using lab = await startTestGuests();
  const [server] = someServers(1, 'http://127.0.0.1:9/', '127.80');
  if (server === undefined) throw new Error('no server');
  lab.guests.boot(server);
  await eventually(() => lab.scrape(server, 'node'), { describe: 'the guest answers' });

  const simulated = parseExposition(await lab.scrape(server, 'node'));
  const actual = await scrape(real);

  expect(simulated.size).toBeGreaterThan(30);
  expect(shapes(simulated)).toEqual(shapes(actual, simulated));
  expect(modes(simulated)).toEqual(modes(actual));
});

test.skipIf(!mayPing)(
  "A guest's own exporter serves the real one's series: names, types, labels and buckets",
  async () => {
    await using published = await startPeers();
    const [own, peer] = someServers(2, published.url, '127.81');
    if (own === undefined || peer === undefined) throw new Error('no servers');
    await published.publish(aDocument(1, [own, peer]));
    await using real = await startRealProbe(own);
    await using lab = await startTestGuests();
    for (const each of [own, peer]) lab.guests.boot(each);
    const simulatedNow = async (): Promise<Families> => parseExposition(await lab.scrape(own, 'ping'));
    const realNow = async (): Promise<Families> => parseExposition(await real.metrics());
    await eventually(async () => isComplete(await simulatedNow()), { describe: 'the guest has its peers' });
    await eventually(async () => isComplete(await realNow()), { describe: 'the real one pings its peer' });

    const [simulated, actual] = [await simulatedNow(), await realNow()];

    expect([...simulated.keys()].toSorted()).toEqual(await documentedNames());
    expect(shapes(simulated)).toEqual(shapes(actual));
    expect(bounds(simulated)).toEqual(bounds(actual));
    expect(labelSets(simulated)).toEqual(labelSets(actual));
    expect(valueOf(await real.metrics(), 'innervisor_agent_last_result', { result: 'updated' })).toBe(1);
  },
  TIMEOUT_MS,
);

/** The names in the first columns of the tables of docs/metrics.md, sorted. */
async function documentedNames(): Promise<readonly string[]> {
  const text = await readFile(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8');
  return [...text.matchAll(/^\| `(innervisor_\w+)`/gm)].map(([, name = '']) => name).toSorted();
}

/** Type, help and names of labels of each series, of all families or of those that `like` has. */
function shapes(families: Families, like: Families = families): Readonly<Record<string, object>> {
  const named = [...like.keys()].map((name) => {
    const family = families.get(name);
    const series = (family?.samples ?? []).map(
      ({ name: line, labels }) => `${line}{${Object.keys(labels).toSorted().join(',')}}`,
    );
    return [name, { type: family?.type, help: family?.help, series: [...new Set(series)].toSorted() }];
  });
  return Object.fromEntries(named) as Record<string, object>;
}

function labelValues(families: Families, name: string, label: string): readonly string[] {
  const values = families.get(name)?.samples.flatMap((sample) => sample.labels[label] ?? []) ?? [];
  return [...new Set(values)].toSorted();
}

function modes(families: Families): readonly string[] {
  return labelValues(families, 'node_cpu_seconds_total', 'mode');
}

/** The upper bounds of the buckets of each histogram. */
function bounds(families: Families): Readonly<Record<string, readonly string[]>> {
  const histograms = [...families].filter(([, { type }]) => type === 'histogram');
  return Object.fromEntries(histograms.map(([name]) => [name, labelValues(families, name, 'le')]));
}

/** The values of the labels that don't depend on the machine. */
function labelSets(families: Families): object {
  const of = (name: string, label: string) => labelValues(families, name, label);
  return {
    peers: ['kind', 'peer_id', 'peer_hypervisor', 'peer_zone', 'target'].map((label) =>
      of('innervisor_ping_sent_total', label),
    ),
    groups: of('innervisor_ping_up', 'group'),
    operations: of('innervisor_disk_errors_total', 'operation'),
    storage: of('innervisor_disk_ready', 'storage_class'),
    document: of('innervisor_agent_peers_info', 'sha256'),
    versions: [of('innervisor_agent_info', 'version'), of('innervisor_exporter_info', 'version')],
  };
}

/** Whether the last series of a probe that has just started are there. */
function isComplete(families: Families): boolean {
  const last = ['innervisor_ping_full_mtu_ok', 'innervisor_dns_queries_total', 'innervisor_agent_info'];
  return last.every((name) => (families.get(name)?.samples.length ?? 0) > 0);
}

async function scrape(server: Launched): Promise<Families> {
  const response = await fetch(`${server.url}/metrics`);
  return parseExposition(await response.text());
}

async function startNodeExporter(): Promise<Launched> {
  const { 'prometheus-node-exporter': binary } = await ensureTools(['prometheus-node-exporter']);
  return launch({
    name: 'node-exporter',
    binary,
    portsCount: 1,
    prepare: async (dir, [port]) => {
      const textfiles = join(dir, 'textfiles');
      await mkdir(textfiles);
      return [`--web.listen-address=127.0.0.1:${port}`, `--collector.textfile.directory=${textfiles}`];
    },
    isReady: ([port]) => answersHttp(`http://127.0.0.1:${port}/`),
  });
}

/** The real exporter and one run of the real agent, both with what this server's user-data tells. */
async function startRealProbe(server: GuestServer): Promise<Exporter & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), 'innervisor-probe-'));
  const [port = 0] = await freePorts(1);
  await Promise.all(['state', 'run'].map((folder) => mkdir(join(dir, folder))));
  const settings = readUserData(server.userDataBase64).find(({ path }) => path === SETTINGS_PATH)?.content;
  const own = {
    ...(JSON.parse(settings ?? '') as object),
    exporter_port: port,
    disk_file_mebibytes: 1,
    mtu: 1500,
  };
  await writeFile(join(dir, 'probe.json'), JSON.stringify(own));
  // Nobody answers there; a question is asked all the same.
  await writeFile(join(dir, 'resolv.conf'), 'nameserver 127.81.255.254\n');
  const start = async (): Promise<Exporter> =>
    startExporter(dir, port, env, ['--resolv-conf', 'resolv.conf']);
  const first = await start();
  await promisify(execFile)(AGENT, {
    env: {
      ...env,
      INNERVISOR_SETTINGS: join(dir, 'probe.json'),
      INNERVISOR_LIB: LIB,
      STATE_DIRECTORY: join(dir, 'state'),
      RUNTIME_DIRECTORY: join(dir, 'run'),
    },
  });
  // Started with peers, it looks for their full MTU at once; otherwise only a minute later.
  await first.stop();
  const exporter = await start();
  return {
    ...exporter,
    [Symbol.asyncDispose]: async () => {
      await exporter.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
