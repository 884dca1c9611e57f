import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ensureTools } from '../../lab/tools/index.ts';
import { createBenchRegion, type BenchProbe } from './region.ts';

const SCRAPE_MS = 15_000;
/** One block of Prometheus' holds two hours. */
const BLOCK_MS = 2 * 3_600_000;
const START_MS = Date.parse('2026-01-01T00:00:00Z');
/** As many as a region needs in which everybody pings everybody. */
const HYPERVISORS = 50;

const Meta = z.object({ stats: z.object({ numSamples: z.number(), numSeries: z.number() }) });

/** What a block on disk costs. */
export interface BlockCost {
  readonly series: number;
  readonly chunkBytesPerSample: number;
  readonly indexBytesPerSeries: number;
}

/** Has `promtool` make a block of two hours of one probe's exporter in a region of 50, and weighs it. */
export async function weighBlock(): Promise<BlockCost> {
  const { promtool } = await ensureTools(['promtool']);
  const folder = await mkdtemp(join(tmpdir(), 'innervisor-blocks-'));
  try {
    const [input, output] = [join(folder, 'input'), join(folder, 'data')];
    let nowMs = START_MS;
    const { probes } = createBenchRegion(HYPERVISORS, () => nowMs);
    const pages = function* (probe: BenchProbe): Generator<string> {
      for (; nowMs < START_MS + BLOCK_MS; nowMs += SCRAPE_MS) yield stamp(probe, nowMs);
      yield '# EOF\n';
    };
    const [probe] = probes;
    if (probe === undefined) throw new TypeError('a region has probes');
    await pipeline(Readable.from(pages(probe)), createWriteStream(input));
    await promisify(execFile)(promtool, ['tsdb', 'create-blocks-from', 'openmetrics', input, output]);
    return await weigh(output);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One scrape as OpenMetrics with a time on each line; types may be left out. */
function stamp(probe: BenchProbe, nowMs: number): string {
  const labels = Object.entries(probe.labels).map(([name, value]) => `${name}="${value}"`);
  const own = labels.join(',');
  return probe
    .render('ping')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, name = '', inside, value = ''] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      return `${name}{${inside === undefined ? '' : `${inside},`}${own}} ${value} ${nowMs / 1000}\n`;
    })
    .join('');
}

async function weigh(output: string): Promise<BlockCost> {
  let [samples, series, chunkBytes, indexBytes] = [0, 0, 0, 0];
  for (const block of await readdir(output)) {
    const folder = join(output, block);
    const { stats } = Meta.parse(JSON.parse(await readFile(join(folder, 'meta.json'), 'utf8')));
    samples += stats.numSamples;
    series = Math.max(series, stats.numSeries);
    indexBytes = Math.max(indexBytes, (await stat(join(folder, 'index'))).size);
    for (const chunk of await readdir(join(folder, 'chunks')))
      chunkBytes += (await stat(join(folder, 'chunks', chunk))).size;
  }
  return {
    series,
    chunkBytesPerSample: chunkBytes / samples,
    indexBytesPerSeries: indexBytes / series,
  };
}
