/**
 * Prints what the probes of a region cost a Prometheus with the real rules: `node bench/cardinality.ts [HYPERVISORS …]`.
 * The pages are those of simulated guests, scraped over HTTP; node_exporter's are shorter than the real ones.
 */
import { once } from 'node:events';
import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { CALM } from '../lab/guests/index.ts';
import { startPrometheus } from '../lab/servers/index.ts';
import { weighBlock } from './cardinality/blocks.ts';
import { createBenchRegion, type BenchRegion } from './cardinality/region.ts';

const SIZES = [50, 250, 1_000];
const EXPORTERS = ['node', 'ping'];
/** A machine that also plays a thousand probes can't scrape them as often as production does. */
const scrapeInterval = (hypervisors: number): string => (hypervisors > 500 ? '30s' : '15s');
const RULES = join(import.meta.dirname, '..', 'monitoring', 'prometheus', 'innervisor.rules.yaml');
const POLL_MS = 5_000;
const SETTLED_TIMEOUT_MS = 900_000;
/** Series of a real node_exporter with the collectors of a probe, docs/metrics.md. */
const NODE_SERIES = 260;
/** On a busy machine some scrape always fails. */
const SETTLED_SHARE = 0.99;
/** Larger regions aren't made bad as a whole: it says the same, and costs as much again. */
const BAD_MAX = 100;
const SAMPLES_A_DAY = 24 * 240;
/** Of the mesh: what is measured of pairs, and all that is recorded of them. */
const MEASURED = '{kind="mesh"}';
const RECORDED = '{__name__=~"innervisor:.*(mesh|peer).*",__name__!~"innervisor:agent.*"}';
const EVERY_PAIR_IS_BAD = { networkLoss: 0.3, networkLatencyMs: 20 };

const Answer = z.object({
  data: z.object({ result: z.array(z.object({ value: z.tuple([z.number(), z.string()]) })) }),
});

interface Figures {
  readonly hypervisors: number;
  readonly pairs: number;
  readonly series: number;
  readonly nodeSeries: number;
  readonly recorded: number;
  readonly perPair: number;
  readonly recordedPerPair: number;
  /** `undefined` where it wasn't tried. */
  readonly recordedPerBadPair: number | undefined;
  readonly memoryBytes: number;
  /** Of one core, since its start. */
  readonly cpuShare: number;
}

const asked = process.argv.slice(2).map(Number);
const figures: Figures[] = [];
for (const hypervisors of asked.length > 0 ? asked : SIZES) figures.push(await measure(hypervisors));
print(figures, await weighBlock());

async function measure(hypervisors: number): Promise<Figures> {
  await using resources = new AsyncDisposableStack();
  const region = createBenchRegion(hypervisors, Date.now);
  const folder = await mkdtemp(join(tmpdir(), 'innervisor-cardinality-'));
  resources.defer(() => rm(folder, { recursive: true, force: true }));
  const fileSdPath = join(folder, 'targets.json');
  await writeFile(fileSdPath, JSON.stringify(await serve(region, resources)));
  const startedMs = performance.now();
  const { url } = resources.use(
    await startPrometheus({
      fileSdPath,
      scrapeInterval: scrapeInterval(hypervisors),
      ruleFiles: [RULES],
    }),
  );
  const own = async (name: string): Promise<number> => {
    const page = await (await fetch(`${url}/metrics`)).text();
    const lines = [...page.matchAll(new RegExp(`^${name}(?:\\{.*\\})? (\\S+)$`, 'gm'))];
    return lines.reduce((sum, [, text]) => sum + Number(text), 0);
  };
  const value = async (query: string): Promise<number> => {
    const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`);
    return Number(Answer.parse(await response.json()).data.result[0]?.value[1] ?? 0);
  };
  const until = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
    const deadline = performance.now() + SETTLED_TIMEOUT_MS;
    while (!(await isSo())) {
      if (performance.now() > deadline) throw new Error(`after ${SETTLED_TIMEOUT_MS} ms still not: ${what}`);
      await delay(POLL_MS);
    }
  };

  await until('all probes are scraped and what they measure counts', async () => {
    const settled = await value('count(innervisor:probe_settled == 1)');
    return (
      settled >= SETTLED_SHARE * hypervisors && (await value('count(innervisor:limit:mesh_rtt_seconds)')) > 0
    );
  });
  const calm = {
    series: await own('prometheus_tsdb_head_series'),
    nodeSeries: await value('count({exporter="node"})'),
    recorded: await value('count({__name__=~"innervisor:.*|ALERTS.*"})'),
    perPair: (await value(`count(${MEASURED})`)) / region.pairs,
    recordedPerPair: (await value(`count(${RECORDED})`)) / region.pairs,
    memoryBytes: await own('process_resident_memory_bytes'),
    cpuShare: (await own('process_cpu_seconds_total')) / ((performance.now() - startedMs) / 1000),
  };
  if (hypervisors > BAD_MAX)
    return { hypervisors, pairs: region.pairs, ...calm, recordedPerBadPair: undefined };
  region.setLoad({ ...CALM, ...EVERY_PAIR_IS_BAD });
  await until(
    'every pair is known to be bad',
    async () => (await value('count(innervisor:mesh_loss_share:pair_rate1m)')) === region.pairs,
  );
  const recordedPerBadPair = (await value(`count(${RECORDED})`)) / region.pairs;
  return { hypervisors, pairs: region.pairs, ...calm, recordedPerBadPair };
}

/** Serves the pages of all probes, and gives the document of their targets. */
async function serve({ probes }: BenchRegion, resources: AsyncDisposableStack): Promise<readonly object[]> {
  const byId = new Map(probes.map((probe) => [probe.id, probe]));
  const server = createServer((request, response) => {
    const [, id = '', exporter = ''] = (request.url ?? '').split('/');
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(byId.get(id)?.render(exporter));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  resources.defer(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  const { port } = server.address() as AddressInfo;
  return probes.flatMap(({ id, labels }) =>
    EXPORTERS.map((exporter) => ({
      targets: [`127.0.0.1:${port}`],
      labels: { ...labels, exporter, instance: `${id}:${exporter}`, __metrics_path__: `/${id}/${exporter}` },
    })),
  );
}

function print(all: readonly Figures[], block: Awaited<ReturnType<typeof weighBlock>>): void {
  const bytesADay = block.chunkBytesPerSample * SAMPLES_A_DAY;
  const rows = all.map(({ hypervisors, series, nodeSeries, ...rest }) => {
    const real = series - nodeSeries + hypervisors * NODE_SERIES;
    return {
      hypervisors,
      pairs: rest.pairs,
      'series of a region': real,
      'series of a probe': Math.round(real / hypervisors),
      'recorded, of a probe': Math.round(rest.recorded / hypervisors),
      'of a pair, measured': rest.perPair.toFixed(1),
      recorded: rest.recordedPerPair.toFixed(1),
      'recorded when all pairs are bad': rest.recordedPerBadPair?.toFixed(1),
      'Prometheus, MB': Math.round(rest.memoryBytes / 1e6),
      'bytes in memory, of a series': Math.round(rest.memoryBytes / series),
      'on disk, MB a day': Math.round((real * bytesADay) / 1e6),
      'CPU, % of a core': Math.round(100 * rest.cpuShare),
    };
  });
  console.table(rows);
  console.log(
    `a block of two hours: ${block.series} series of one probe's exporter, ` +
      `${block.chunkBytesPerSample.toFixed(2)} bytes a sample, ${Math.round(block.indexBytesPerSeries)} bytes of index a series`,
  );
}
