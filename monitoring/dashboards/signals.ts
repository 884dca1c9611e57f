import * as units from '@grafana/grafana-foundation-sdk/units';
import { ALERT_LINE, BAND } from './panels/lines.ts';
import type { Query } from './query.ts';

/** Which hypervisors of the region are shown, by the variables at the top. */
export const CHOSEN = 'region="$region",availability_zone=~"$zone",hypervisor=~"$hypervisor"';

/** The one hypervisor that is shown. */
export const ONE = 'region="$region",hypervisor="$hypervisor"';

/** What probes measure, one number for each hypervisor and moment. */
export interface Signal {
  /** The label `signal` of `innervisor:strain:signal`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  /** Of which hypervisors, as label matchers; one series each, with their labels. */
  readonly of: (chosen: string) => string;
  /** What is recorded of the whole region: this with `_p10`, `_median` and `_p90` behind it. */
  readonly band: string;
  /** Whether that is recorded for each storage class, of which a hypervisor's own is the one to compare with. */
  readonly byStorage?: true;
  /** The series from which on an alert fires. */
  readonly limit: string;
}

/** What the probes exist for, in the order of `docs/metrics.md`. */
export const SIGNALS = [
  {
    name: 'steal',
    title: 'Stolen time',
    description:
      'Share of the time in which the probe wanted to run and the hypervisor ran something else. ' +
      'Bad: above the threshold; guests there are slow though their own CPU graphs look idle.',
    unit: units.PercentUnit,
    of: (chosen) => `innervisor:steal_share:rate1m{${chosen}}`,
    band: 'innervisor:steal_share:region',
    limit: 'max(innervisor:limit:steal_share{region="$region"})',
  },
  {
    name: 'disk',
    title: 'Time of a write to the disk (p99)',
    description:
      '99 of 100 direct, synced writes of 4 KiB took no longer. Bad: above the threshold for minutes. ' +
      'Every hypervisor of a storage class at once: the storage, not the hypervisor.',
    unit: units.Seconds,
    of: (chosen) => `innervisor:disk_latency_seconds:p99_1m{operation="write",${chosen}}`,
    band: 'innervisor:disk_latency_seconds:p99_region',
    byStorage: true,
    limit: 'max(innervisor:limit:disk_p99_seconds{region="$region",operation="write"})',
  },
  {
    name: 'mesh_rtt',
    title: 'Round trip to other probes (p99)',
    description:
      '99 of 100 pings to the other probes of the region took no longer. Bad: far above the band. ' +
      'Whether it is this hypervisor, a pair or two zones is in the dashboard of the mesh.',
    unit: units.Seconds,
    of: (chosen) => `innervisor:mesh_rtt_seconds:p99_1m{${chosen}}`,
    band: 'innervisor:mesh_rtt_seconds:p99_region',
    limit: 'max(innervisor:limit:mesh_rtt_seconds{region="$region"})',
  },
  {
    name: 'mesh_loss',
    title: 'Loss to other probes',
    description:
      'Share of pings to the other probes of the region that came back never. Bad: anything for minutes. ' +
      'A peer that is down raises it a little everywhere.',
    unit: units.PercentUnit,
    of: (chosen) => `innervisor:mesh_loss_share:row_rate1m{${chosen}}`,
    band: 'innervisor:mesh_loss_share:region',
    limit: 'innervisor:threshold:mesh_loss_share{region="$region"}',
  },
  {
    name: 'public_rtt',
    title: 'Round trip to the world (p99)',
    description:
      '99 of 100 pings to the public targets took no longer. Bad: far above the band, for one hypervisor. ' +
      'When the band itself rises, the uplink of the region or a target is slow.',
    unit: units.Seconds,
    of: (chosen) => `innervisor:public_rtt_seconds:p99_1m{${chosen}}`,
    band: 'innervisor:public_rtt_seconds:p99_region',
    limit: 'max(innervisor:limit:public_rtt_seconds{region="$region"})',
  },
  {
    name: 'public_loss',
    title: 'Loss to the world',
    description:
      'Share of pings to the public targets that came back never, over all targets. Bad: anything for minutes. ' +
      'One target of three that is down shows as a third everywhere, and is no fault of a hypervisor.',
    unit: units.PercentUnit,
    of: (chosen) => `innervisor:public_loss_share:rate1m{${chosen}}`,
    band: 'innervisor:public_loss_share:region',
    limit: 'innervisor:threshold:public_loss_share{region="$region"}',
  },
] as const satisfies readonly Signal[];

/** See {@link SIGNALS}. */
export type SignalName = (typeof SIGNALS)[number]['name'];

/** The signal of this name. */
export function signalOf(name: SignalName): Signal {
  const found = SIGNALS.find((signal) => signal.name === name);
  if (found === undefined) throw new Error(`there is no signal ${name}`);
  return found;
}

/** What is usual in the region, and the line from which on an alert fires, for the chosen hypervisors. */
export function contextOf({ band, byStorage, of, limit }: Signal, chosen: string): readonly Query[] {
  const edge = (suffix: string): string =>
    byStorage === undefined
      ? `${band}_${suffix}{region="$region"}`
      : `max(${band}_${suffix}{region="$region",operation="write"} and on (storage_class) ${of(chosen)})`;
  return [
    { expr: edge('p10'), legend: BAND.low },
    { expr: edge('median'), legend: BAND.middle },
    { expr: edge('p90'), legend: BAND.high },
    { expr: limit, legend: ALERT_LINE },
  ];
}
