/** Prints what the exporter costs a probe with 64 peers: `node bench/guestCost.ts`. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { freePorts } from '../lab/servers/port.ts';
import { startExporter } from '../test/guest/exporter.ts';
import { guestEnvironment } from '../test/guest/support.ts';

const PEERS = 64;
const SCRAPE_MS = 15_000;
const SCRAPES = 4;
const WARM_UP_MS = 5_000;
const TICKS_PER_SECOND = 100;

interface Cost {
  readonly name: string;
  readonly ticks: number;
  readonly memoryKilobytes: number;
}

const dir = await mkdtemp(join(tmpdir(), 'innervisor-bench-'));
const [port = 0] = await freePorts(1);
await Promise.all(['state', 'run'].map((folder) => mkdir(join(dir, folder))));
await writeFile(join(dir, 'probe.json'), JSON.stringify({ exporter_port: port, disk_file_mebibytes: 16 }));
const peers = Array.from({ length: PEERS }, (_, i) => ({
  probe_id: String(i),
  address: `127.0.1.${i + 1}`,
  hypervisor: `cmp${i}`,
  availability_zone: 'nova',
}));
const list = { schema: 1, generation: 1, sha256: '', peers };
await writeFile(join(dir, 'state/peers.json'), JSON.stringify(list));

const exporter = await startExporter(dir, port, await guestEnvironment());
try {
  await delay(WARM_UP_MS);
  const before = await costs(exporter.pid);
  for (let scrape = 0; scrape < SCRAPES; scrape += 1) {
    await delay(SCRAPE_MS);
    await exporter.metrics();
  }
  print(before, await costs(exporter.pid));
} finally {
  await exporter.stop();
  await rm(dir, { recursive: true, force: true });
}

function print(before: ReadonlyMap<number, Cost>, after: ReadonlyMap<number, Cost>): void {
  const seconds = (SCRAPE_MS * SCRAPES) / 1000;
  console.log(`${PEERS} peers at 1/s, ${SCRAPES} scrapes in ${seconds} s`);
  for (const [pid, { name, ticks, memoryKilobytes }] of after) {
    const used = ticks - (before.get(pid)?.ticks ?? 0);
    const share = (used / TICKS_PER_SECOND / seconds) * 100;
    console.log(`${name}: ${share.toFixed(2)} % of a core, ${(memoryKilobytes / 1024).toFixed(1)} MiB`);
  }
}

/** What a process and its children have used so far. */
async function costs(parent: number): Promise<ReadonlyMap<number, Cost>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map((pid) => costOf(pid)));
  return new Map(
    found
      .filter((cost) => cost !== undefined)
      .filter(({ pid, parentPid }) => pid === parent || parentPid === parent)
      .map(({ pid, ...cost }) => [pid, cost]),
  );
}

async function costOf(pid: number): Promise<(Cost & { pid: number; parentPid: number }) | undefined> {
  const read = (file: string): Promise<string> => readFile(`/proc/${pid}/${file}`, 'utf8');
  const texts = await Promise.all([read('stat'), read('status'), read('cmdline')]).catch(() => undefined);
  if (texts === undefined) return undefined;
  const [stat, status, commandLine] = texts;
  // The name in brackets may hold spaces, so fields are counted from behind it.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const memoryKilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  const words = commandLine.split('\0');
  const script = words.find((word) => word.endsWith('.py')) ?? words[0] ?? '';
  const ticks = (fields[11] ?? 0) + (fields[12] ?? 0);
  return { pid, parentPid: fields[1] ?? 0, name: script.split('/').at(-1) ?? '', ticks, memoryKilobytes };
}
