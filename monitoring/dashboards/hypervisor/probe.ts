import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { rising } from '../panels/about.ts';
import { lines } from '../panels/lines.ts';
import { ONE } from '../signals.ts';

const THIRD = { width: 8, height: 7 } as const;

/** Whether the probe itself is the reason of what it measures. */
export function probePanels(): readonly Builder<Panel>[] {
  return [
    lines(
      {
        ...THIRD,
        title: 'CPU of the probe',
        description:
          'What the probe does with its CPU, and what its own kernel took from the burst that measures. It should ' +
          'be idle. Bad: above a tenth; then it measures itself.',
        unit: units.PercentUnit,
      },
      [
        {
          expr: `sum by (mode) (rate(node_cpu_seconds_total{mode!="idle",${ONE}}[$__rate_interval]))`,
          legend: '{{mode}}',
        },
        {
          expr: `sum(rate(innervisor_steal_preempted_seconds_total{${ONE}}[$__rate_interval]))`,
          legend: 'switched within the burst',
        },
      ],
    ),
    lines(
      {
        ...THIRD,
        title: 'Memory of the probe',
        description:
          'What is free of its memory. Bad: below 50 MB; what it measures may be its own swapping.',
        unit: units.BytesIEC,
      },
      [
        { expr: `min(node_memory_MemAvailable_bytes{${ONE}})`, legend: 'available' },
        { expr: `max(node_memory_MemTotal_bytes{${ONE}})`, legend: 'of' },
      ],
    ),
    lines(
      {
        ...THIRD,
        title: 'Faults of the probe a minute',
        description:
          'Operations of the disk that failed, and ends of the programs that ping. Bad: any; the journal of the ' +
          'probe says why.',
        unit: units.Number,
        levels: rising(1, 10),
      },
      [
        {
          expr: `sum(60 * rate(innervisor_disk_errors_total{${ONE}}[$__rate_interval]))`,
          legend: 'errors of the disk',
        },
        {
          expr: `sum(60 * rate(innervisor_ping_restarts_total{${ONE}}[$__rate_interval]))`,
          legend: 'restarts of pings',
        },
      ],
    ),
  ];
}
