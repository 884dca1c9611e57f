import { single, type Family, type MetricType, type Sample } from './exposition.ts';
import type { Histogram } from './histogram.ts';
import type { CpuMode, Totals } from './odometer.ts';
import type { PingCount } from './pings.ts';

const NAME_SERVER = { server: '192.0.2.53' };
const GROUPS = ['mesh', 'public'] as const;
const TICKS_PER_SECOND = 100;
const DEMANDED_MODES: readonly CpuMode[] = ['steal', 'user', 'nice', 'system', 'irq', 'softirq'];

/** What an exporter says about itself and the list of peers that it has in force. */
export interface ExporterState {
  readonly version: string;
  readonly storageClass: string;
  /** Generation of the list in force; 0 without one. */
  readonly generation: number;
}

/** What the innervisor-exporter in the guest serves, but for what its agent writes; see docs/metrics.md. */
export function exporterFamilies(
  totals: Totals,
  pings: readonly PingCount[],
  state: ExporterState,
): readonly Family[] {
  return [
    ...pingFamilies(pings, state.generation),
    ...stealFamilies(totals),
    ...diskFamilies(totals, state.storageClass),
    ...dnsFamilies(totals),
    family('innervisor_exporter_info', 'gauge', 'Version of the files that cloud-init brought.', [
      { labels: { version: state.version }, value: 1 },
    ]),
  ];
}

function pingFamilies(pings: readonly PingCount[], generation: number): readonly Family[] {
  const peers = pings.filter(({ target }) => target.hypervisor !== null);
  const ofGroups = (value: number): readonly Sample[] =>
    GROUPS.map((group) => ({ labels: { group }, value }));
  return [
    family(
      'innervisor_ping_sent_total',
      'counter',
      'Echo requests whose outcome is known: answered or given up after 0.9 s.',
      pings.map(({ target: { labels }, requests }) => ({ labels, value: requests })),
    ),
    family(
      'innervisor_ping_received_total',
      'counter',
      'Echo requests that were answered.',
      pings.map(({ target: { labels }, responses }) => ({ labels, value: responses.count() })),
    ),
    family(
      'innervisor_ping_rtt_seconds',
      'histogram',
      'Round-trip time of answered requests.',
      pings.flatMap(({ target: { labels }, responses }) => responses.samples(labels)),
    ),
    family(
      'innervisor_ping_up',
      'gauge',
      '1 while outcomes arrive; 1 too when there is nobody to ping.',
      ofGroups(1),
    ),
    family(
      'innervisor_ping_restarts_total',
      'counter',
      'fping processes that ended by themselves.',
      ofGroups(0),
    ),
    family(
      'innervisor_ping_full_mtu_ok',
      'gauge',
      '1 when the last packet of the full MTU was answered, 0 when not.',
      peers.map(({ target: { labels }, isAnswered }) => ({ labels, value: isAnswered ? 1 : 0 })),
    ),
    single('innervisor_ping_peers_generation', 'gauge', 'Generation of the list in force.', generation),
    single('innervisor_ping_peers', 'gauge', 'Peers that are pinged.', peers.length),
    single('innervisor_ping_peers_load_ok', 'gauge', "1 when the agent's last list was taken over.", 1),
  ];
}

function stealFamilies({ measurements, cpuSeconds }: Totals): readonly Family[] {
  const counter = (name: string, help: string, value: number): Family =>
    single(`innervisor_steal_${name}_total`, 'counter', help, value);
  const demanded = DEMANDED_MODES.reduce((sum, mode) => sum + cpuSeconds[mode], 0);
  return [
    counter('demanded_seconds', 'Time in which the burst wanted to run.', measurements.demandedSeconds),
    counter('stolen_seconds', 'Time of it in which the hypervisor ran others.', measurements.stolenSeconds),
    counter('preempted_seconds', "Gaps of this machine's own making.", measurements.preemptedSeconds),
    counter('bursts', 'Bursts that were run, about one a second.', Math.floor(measurements.bursts)),
    histogram('innervisor_steal_gap_seconds', 'Gaps that the burst saw.', measurements.gaps),
    histogram('innervisor_timer_delay_seconds', 'Delay of a one-second timer.', measurements.timerDelays),
    counter('witness_stolen_seconds', 'Steal in /proc/stat.', inTicks(cpuSeconds.steal)),
    counter('witness_demanded_seconds', 'Steal, user and system in /proc/stat.', inTicks(demanded)),
    single(
      'innervisor_steal_supported',
      'gauge',
      '1 where the hypervisor tells about steal, so that a zero of it means none.',
      1,
    ),
  ];
}

function diskFamilies({ measurements }: Totals, storageClass: string): readonly Family[] {
  const reads = { storage_class: storageClass, operation: 'read' };
  const writes = { storage_class: storageClass, operation: 'write' };
  return [
    family('innervisor_disk_latency_seconds', 'histogram', 'Time of one operation.', [
      ...measurements.reads.samples(reads),
      ...measurements.writes.samples(writes),
    ]),
    family('innervisor_disk_errors_total', 'counter', 'Operations that failed.', [
      { labels: reads, value: 0 },
      { labels: writes, value: 0 },
    ]),
    family('innervisor_disk_ready', 'gauge', '1 when the file is written and being measured.', [
      { labels: { storage_class: storageClass }, value: 1 },
    ]),
  ];
}

function dnsFamilies({ measurements }: Totals): readonly Family[] {
  const { dnsAnswers, dnsQueries } = measurements;
  const counter = (name: string, help: string, value: number): Family =>
    family(name, 'counter', help, [{ labels: NAME_SERVER, value }]);
  const answersHelp = 'Questions answered, be it that there is none.';
  return [
    histogram('innervisor_dns_duration_seconds', 'Time to an answer.', dnsAnswers, NAME_SERVER),
    counter('innervisor_dns_queries_total', 'Questions asked.', Math.floor(dnsQueries)),
    counter('innervisor_dns_answers_total', answersHelp, dnsAnswers.count()),
  ];
}

function family(name: string, type: MetricType, help: string, samples: readonly Sample[]): Family {
  return { name, type, help, samples };
}

function histogram(
  name: string,
  help: string,
  values: Histogram,
  labels: Readonly<Record<string, string>> = {},
): Family {
  return family(name, 'histogram', help, values.samples(labels));
}

/** The kernel counts CPU time in ticks of 10 ms. */
function inTicks(seconds: number): number {
  return Math.floor(seconds * TICKS_PER_SECOND) / TICKS_PER_SECOND;
}
