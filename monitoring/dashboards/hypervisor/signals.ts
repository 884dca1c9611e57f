import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { lines } from '../panels/lines.ts';
import type { Query } from '../query.ts';
import { contextOf, ONE, signalOf, type SignalName } from '../signals.ts';

const HALF = { width: 12, height: 8 } as const;

/** The signals of one hypervisor before the band of its region, and what explains them. */
export function signalPanels(): readonly Builder<Panel>[] {
  return [
    before('steal', 'stolen', [
      {
        expr: `max(innervisor:steal_witness_share:rate5m{${ONE}})`,
        legend: "by the kernel's own account",
      },
    ]),
    timerLines(),
    before('disk', 'write', [
      { expr: `max(innervisor:disk_latency_seconds:p99_1m{operation="read",${ONE}})`, legend: 'read' },
    ]),
    slowLines(),
    before('mesh_rtt', 'p99', [{ expr: `max(innervisor:mesh_rtt_seconds:p50_1m{${ONE}})`, legend: 'p50' }]),
    before('mesh_loss', 'of what it pings (row)', [
      {
        expr: 'max(innervisor:mesh_loss_share:column_rate1m{region="$region",peer_hypervisor="$hypervisor"})',
        legend: 'of what pings it (column)',
      },
    ]),
    before('public_rtt', 'p99', [
      { expr: `max(innervisor:public_rtt_seconds:p50_1m{${ONE}})`, legend: 'p50' },
    ]),
    before('public_loss', 'all targets', [
      { expr: `max by (target) (innervisor:public_loss_share:target_rate1m{${ONE}})`, legend: '{{target}}' },
    ]),
    ...nameLines(),
  ];
}

function before(name: SignalName, legend: string, more: readonly Query[]): Builder<Panel> {
  const signal = signalOf(name);
  const { title, description, unit, of } = signal;
  return lines({ title, description, unit, ...HALF }, [
    { expr: `max(${of(ONE)})`, legend },
    ...more,
    ...contextOf(signal, ONE),
  ]);
}

/** Neighbours of the steal: a hypervisor with too many turns to give shows in the length of each. */
function timerLines(): Builder<Panel> {
  const p99 = (histogram: string): string =>
    `histogram_quantile(0.99, sum by (le) (rate(${histogram}_bucket{${ONE}}[$__rate_interval]))) >= 0`;
  return lines(
    {
      title: 'Turns of others (p99)',
      description:
        'How late a timer of one second fires, and how long the probe waits when something is stolen: the turn ' +
        'that the scheduler of the hypervisor gives to others. Bad: tens of milliseconds; calls by voice stutter.',
      unit: units.Seconds,
      ...HALF,
    },
    [
      { expr: p99('innervisor_timer_delay_seconds'), legend: 'timer too late' },
      { expr: p99('innervisor_steal_gap_seconds'), legend: 'stolen at once' },
    ],
  );
}

function slowLines(): Builder<Panel> {
  return lines(
    {
      title: 'Operations of the disk above 10 ms',
      description:
        'Share of reads and writes that took more than 10 ms, with the limit of the storage class, from which on ' +
        'an alert waits to fire. Bad: above it.',
      unit: units.PercentUnit,
      ...HALF,
    },
    [
      { expr: `max by (operation) (innervisor:disk_slow_share:rate1m{${ONE}})`, legend: '{{operation}}' },
      {
        expr: `max by (operation) (innervisor:limit:disk_slow_share{region="$region"} and on (storage_class) innervisor:disk_slow_share:rate1m{${ONE}})`,
        legend: 'limit of {{operation}}',
      },
    ],
  );
}

function nameLines(): readonly Builder<Panel>[] {
  return [
    lines(
      {
        title: 'Time to an answer of the name server (p99)',
        description:
          '99 of 100 questions for `probe.dnsName` were answered within this time. Bad: above 0.1 s; what looks ' +
          'like a slow network to applications is often this.',
        unit: units.Seconds,
        ...HALF,
      },
      [
        {
          expr: `histogram_quantile(0.99, sum by (le, server) (rate(innervisor_dns_duration_seconds_bucket{${ONE}}[5m]))) >= 0`,
          legend: '{{server}}',
        },
      ],
    ),
    lines(
      {
        title: 'Questions to the name server without an answer',
        description: 'Share of questions that were not answered within 2 s. Bad: anything for minutes.',
        unit: units.PercentUnit,
        ...HALF,
      },
      [
        {
          expr: `1 - rate(innervisor_dns_answers_total{${ONE}}[5m]) / rate(innervisor_dns_queries_total{${ONE}}[5m])`,
          legend: '{{server}}',
        },
      ],
    ),
  ];
}
