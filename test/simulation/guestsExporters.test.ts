import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { stringify } from 'yaml';
import { expect, test } from 'vitest';

import { launch, type Launched } from '../../lab/servers/launch.ts';
import { answersHttp } from '../../lab/servers/readiness.ts';
import { ensureTools } from '../../lab/tools/ensureTools.ts';
import { eventually } from '../support/await.ts';
import { parseExposition, type ScrapedFamily } from './support/exposition.ts';
import { aDocument, someServers, startPeers, startTestGuests } from './support/guests.ts';

type Families = ReadonlyMap<string, ScrapedFamily>;

const OURS = /^innervisor_/;

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

test("A guest's ping exporter serves the real one's series, buckets included", async () => {
  await using real = await startSmokepingProber();
  await using published = await startPeers();
  const servers = someServers(2, published.url, '127.81');
  const [server] = servers;
  if (server === undefined) throw new Error('no server');
  await published.publish(aDocument(1, servers));
  await using lab = await startTestGuests();
  for (const each of servers) lab.guests.boot(each);
  await eventually(async () => has(parseExposition(await lab.scrape(server, 'ping')), '127.81.0.2'), {
    describe: 'the guest pings its peer',
  });
  await eventually(async () => has(await scrape(real), '127.0.0.1'), { describe: 'the real one pings' });

  const simulated = without(parseExposition(await lab.scrape(server, 'ping')), OURS);
  const actual = await scrape(real);

  expect(simulated.size).toBe(5);
  expect(shapes(simulated)).toEqual(shapes(actual, simulated));
  expect(bounds(simulated)).toEqual(bounds(actual));
});

/** Type, help and names of labels of each series, of all families or of those that `like` has. */
function shapes(families: Families, like: Families = families): Readonly<Record<string, object>> {
  const named = [...like.keys()].map((name) => {
    const family = families.get(name);
    const series = (family?.samples ?? []).map((sample) => [
      sample.name,
      Object.keys(sample.labels).toSorted().join(','),
    ]);
    return [name, { type: family?.type, help: family?.help, series: Object.fromEntries(series) as object }];
  });
  return Object.fromEntries(named) as Record<string, object>;
}

function without(families: Families, pattern: RegExp): Families {
  return new Map([...families].filter(([name]) => !pattern.test(name)));
}

function labelValues(families: Families, name: string, label: string): readonly string[] {
  const values = families.get(name)?.samples.flatMap((sample) => sample.labels[label] ?? []) ?? [];
  return [...new Set(values)].toSorted();
}

function modes(families: Families): readonly string[] {
  return labelValues(families, 'node_cpu_seconds_total', 'mode');
}

function bounds(families: Families): readonly string[] {
  return labelValues(families, 'smokeping_response_duration_seconds', 'le');
}

function has(families: Families, ip: string): boolean {
  const requests = families.get('smokeping_requests_total')?.samples ?? [];
  return requests.some(({ labels }) => labels['ip'] === ip);
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

async function startSmokepingProber(): Promise<Launched> {
  const { 'prometheus-smokeping-prober': binary } = await ensureTools(['prometheus-smokeping-prober']);
  return launch({
    name: 'smokeping-prober',
    binary,
    portsCount: 1,
    prepare: async (dir, [port]) => {
      const config = join(dir, 'config.yml');
      // It serves the same whether it may ping or not: without permission its counters stay at 0.
      const target = { hosts: ['127.0.0.1'], interval: '1s', network: 'ip4', protocol: 'udp' };
      await writeFile(config, stringify({ targets: [target] }));
      return [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${port}`];
    },
    isReady: ([port]) => answersHttp(`http://127.0.0.1:${port}/`),
  });
}
