import { createMeasurements, measure, type Measurements } from './measurements.ts';
import { stretchOf, type Load, type LoadModel } from './model.ts';

/** What the guest's own work takes of its one CPU when nobody else wants it. */
const DEMAND = 0.08;
const RUNNABLE_MAX = 0.85;
/** The guest's demand swells and ebbs by this share; with `RUNNABLE_MAX` it stays below a whole CPU. */
const SWELL = 0.15;
const WRITES_PER_SECOND = 2;
const READS_PER_SECOND = 1.2;
const WRITE_BYTES = 4_096;
const READ_BYTES = 16_384;
const NETWORK_BYTES_PER_SECOND = 20_000;
const PACKET_BYTES = 200;

/** The modes of Linux that `node_cpu_seconds_total` tells apart. */
export const CPU_MODES = ['idle', 'iowait', 'irq', 'nice', 'softirq', 'steal', 'system', 'user'] as const;

/** One of {@link CPU_MODES}. */
export type CpuMode = (typeof CPU_MODES)[number];

/** What a guest's kernel and its exporter count since it booted. All of it only grows. */
export interface Totals {
  readonly cpuSeconds: Record<CpuMode, number>;
  reads: number;
  writes: number;
  readSeconds: number;
  writeSeconds: number;
  diskBusySeconds: number;
  readBytes: number;
  writtenBytes: number;
  networkBytes: number;
  networkPackets: number;
  readonly measurements: Measurements;
}

/** The counters of one guest. */
export interface Odometer {
  readonly bootMs: number;
  /** The counters as they are at this time. */
  read(nowMs: number): Totals;
  /** Counts what was so far on the old hypervisor and goes on on another. */
  move(hypervisor: string, nowMs: number): void;
  /** The mean of processes that run or want to, over the last minutes. */
  loadAverage(minutes: number, nowMs: number): number;
}

/** Counters that start at `bootMs` on a hypervisor; `name` makes this guest a little different from others. */
export function createOdometer(
  model: LoadModel,
  name: string,
  start: { readonly hypervisor: string; readonly bootMs: number },
): Odometer {
  const totals = noTotals();
  const swell = createSwell(model.chance('swell', name));
  let { hypervisor, bootMs: countedMs } = start;
  let hereSinceMs = start.bootMs;

  function read(nowMs: number): Totals {
    for (const { fromMs, toMs, loads } of model.pieces([hypervisor], countedMs, nowMs)) {
      const [load] = loads;
      if (load !== undefined) count(totals, load, (toMs - fromMs) / 1_000, swell(fromMs, toMs));
    }
    countedMs = Math.max(countedMs, nowMs);
    return totals;
  }

  function loadAverage(minutes: number, nowMs: number): number {
    const fromMs = Math.max(hereSinceMs, nowMs - minutes * 60_000);
    const spans = model.pieces([hypervisor], fromMs, nowMs).map(({ fromMs: from, toMs, loads: [load] }) => {
      return load === undefined ? 0 : runnableShare(load) * (toMs - from);
    });
    return nowMs <= fromMs ? 0 : spans.reduce((sum, span) => sum + span, 0) / (nowMs - fromMs);
  }

  function move(to: string, nowMs: number): void {
    read(nowMs);
    hypervisor = to;
    hereSinceMs = nowMs;
  }

  return { bootMs: start.bootMs, read, move, loadAverage };
}

/**
 * CPU time by demand: work that needs `DEMAND` of a CPU keeps the guest runnable `stretch` times as long, and
 * what it is runnable but doesn't run is stolen. So the stolen share of the demand says how the
 * hypervisor is, however little the guest itself does.
 */
function count(totals: Totals, load: Load, seconds: number, demandSeconds: number): void {
  const { cpuSeconds } = totals;
  const runnable = runnableShare(load) * demandSeconds;
  const run = runnable / stretchOf(load);
  const diskSeconds = load.diskLatencyMs / 1_000;
  const busy = Math.min(1, (WRITES_PER_SECOND + READS_PER_SECOND) * diskSeconds) * seconds;
  const iowait = Math.min(busy, (seconds - runnable) / 2);
  cpuSeconds.user += run * 0.55;
  cpuSeconds.system += run * 0.4;
  cpuSeconds.softirq += run * 0.05;
  cpuSeconds.steal += runnable - run;
  cpuSeconds.iowait += iowait;
  cpuSeconds.idle += seconds - runnable - iowait;
  totals.reads += READS_PER_SECOND * seconds;
  totals.writes += WRITES_PER_SECOND * seconds;
  totals.readSeconds += READS_PER_SECOND * seconds * diskSeconds;
  totals.writeSeconds += WRITES_PER_SECOND * seconds * diskSeconds;
  totals.diskBusySeconds += busy;
  totals.readBytes += READS_PER_SECOND * seconds * READ_BYTES;
  totals.writtenBytes += WRITES_PER_SECOND * seconds * WRITE_BYTES;
  totals.networkBytes += NETWORK_BYTES_PER_SECOND * demandSeconds;
  totals.networkPackets += (NETWORK_BYTES_PER_SECOND / PACKET_BYTES) * demandSeconds;
  measure(totals.measurements, load, seconds);
}

function runnableShare(load: Load): number {
  return Math.min(RUNNABLE_MAX, DEMAND * stretchOf(load));
}

/** Seconds of work between two times, which swell and ebb over some minutes, in step with nobody else. */
function createSwell(chance: number): (fromMs: number, toMs: number) => number {
  const perMs = (2 * Math.PI) / ((2 + 3 * chance) * 60_000);
  const phase = 2 * Math.PI * chance;
  const worked = (ms: number): number => ms - (SWELL / perMs) * Math.cos(perMs * ms + phase);
  return (fromMs, toMs) => Math.max(0, worked(toMs) - worked(fromMs)) / 1_000;
}

function noTotals(): Totals {
  return {
    cpuSeconds: { idle: 0, iowait: 0, irq: 0, nice: 0, softirq: 0, steal: 0, system: 0, user: 0 },
    reads: 0,
    writes: 0,
    readSeconds: 0,
    writeSeconds: 0,
    diskBusySeconds: 0,
    readBytes: 0,
    writtenBytes: 0,
    networkBytes: 0,
    networkPackets: 0,
    measurements: createMeasurements(),
  };
}
