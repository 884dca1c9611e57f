import { createHistogram, type Histogram } from './histogram.ts';
import { stretchOf, type Load } from './model.ts';

/** The upper bounds of the real exporter's histograms, written as it writes them. */
const BOUNDS = {
  gap: ['0.0005', '0.001', '0.002', '0.004', '0.008', '0.016', '0.032', '0.064', '0.128'],
  delay: ['0.0001', '0.0002', '0.0005', '0.001', '0.002', '0.005', '0.01', '0.05', '0.1'],
  disk: '0.0001 0.00025 0.0005 0.001 0.0025 0.005 0.01 0.025 0.05 0.1 0.25 1'.split(' '),
  dns: ['0.0005', '0.001', '0.002', '0.005', '0.01', '0.02', '0.05', '0.1', '0.5', '2'],
} as const;

const BURST_SECONDS = 0.02;
const BURST_WALL_SECONDS_MAX = 0.2;
const BURSTS_PER_SECOND = 1;
const PREEMPTED_SECONDS = 0.000_1;
/** The turn that the simulated hypervisor's scheduler gives to others. */
const TURN_SECONDS = 0.004;
const TIMER_DELAY_SECONDS = 0.000_07;
const DISK_OPERATIONS_PER_SECOND = 1;
const DNS_QUERIES_PER_SECOND = 0.1;
const DNS_SECONDS = 0.001;

/** What the exporter of a guest measures besides pings. All of it only grows. */
export interface Measurements {
  demandedSeconds: number;
  stolenSeconds: number;
  preemptedSeconds: number;
  bursts: number;
  dnsQueries: number;
  readonly gaps: Histogram;
  readonly timerDelays: Histogram;
  readonly reads: Histogram;
  readonly writes: Histogram;
  readonly dnsAnswers: Histogram;
}

/** Measurements of a guest that boots now. */
export function createMeasurements(): Measurements {
  return {
    demandedSeconds: 0,
    stolenSeconds: 0,
    preemptedSeconds: 0,
    bursts: 0,
    dnsQueries: 0,
    gaps: createHistogram(BOUNDS.gap),
    timerDelays: createHistogram(BOUNDS.delay),
    reads: createHistogram(BOUNDS.disk),
    writes: createHistogram(BOUNDS.disk),
    dnsAnswers: createHistogram(BOUNDS.dns),
  };
}

/** Adds what is measured in `seconds` on a hypervisor with this load. */
export function measure(totals: Measurements, load: Load, seconds: number): void {
  const stretch = stretchOf(load);
  const bursts = BURSTS_PER_SECOND * seconds;
  const demanded = bursts * Math.min(BURST_WALL_SECONDS_MAX, BURST_SECONDS * stretch);
  const stolen = demanded * (1 - 1 / stretch);
  totals.bursts += bursts;
  totals.demandedSeconds += demanded;
  totals.stolenSeconds += stolen;
  totals.preemptedSeconds += bursts * PREEMPTED_SECONDS;
  totals.gaps.add(stolen / TURN_SECONDS, TURN_SECONDS);
  totals.timerDelays.add(bursts, TIMER_DELAY_SECONDS + (stretch - 1) * TURN_SECONDS);
  totals.reads.add(DISK_OPERATIONS_PER_SECOND * seconds, load.diskLatencyMs / 1_000);
  totals.writes.add(DISK_OPERATIONS_PER_SECOND * seconds, load.diskLatencyMs / 1_000);
  const queries = DNS_QUERIES_PER_SECOND * seconds;
  totals.dnsQueries += queries;
  totals.dnsAnswers.add(
    queries * (1 - load.networkLoss) ** 2,
    DNS_SECONDS + (2 * load.networkLatencyMs) / 1_000,
  );
}
