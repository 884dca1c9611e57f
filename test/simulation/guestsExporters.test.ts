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
import { GUEST, guestEnvironment, explainNoPing } from '../guest/support.ts';
import { eventually } from '../support/await.ts';
import { parseExposition, valueOf } from './support/exposition.ts';
import {
  bounds,
  documentedNames,
  isComplete,
  labelValues,
  modes,
  shapes,
  type Families,
} from './support/families.ts';
import { aDocument, someServers, startPeers, startTestGuests } from './support/guests.ts';

const TIMEOUT_MS = 60_000;
const NODE_EXPORTER_DROP_IN = 'etc/systemd/system/prometheus-node-exporter.service.d/50-innervisor.conf';
const env = await guestEnvironment();
const whyNoPing = await explainNoPing(env);

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
  expect(collectors(simulated)).toEqual(collectors(actual));
});

test(
  "A guest's own exporter serves the real one's series: names, types, labels and buckets",
  async (context) => {
    if (whyNoPing !== undefined) context.skip(whyNoPing);
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

function collectors(families: Families): readonly string[] {
  return labelValues(families, 'node_scrape_collector_success', 'collector');
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
      const dropIn = await readFile(join(GUEST, 'root', NODE_EXPORTER_DROP_IN), 'utf8');
      const collectors = dropIn.match(/--collector\.[a-z-]+(?= |$)/gm) ?? [];
      expect(collectors).toContain('--collector.disable-defaults');
      const places = [
        `--web.listen-address=127.0.0.1:${port}`,
        `--collector.textfile.directory=${textfiles}`,
      ];
      return [...collectors, ...places];
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
  const start = async (): Promise<Exporter> => startExporter(dir, port, env);
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
