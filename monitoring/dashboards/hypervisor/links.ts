import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { LEVELS } from '../levels.ts';
import { linkToHypervisor } from '../links.ts';
import { rows, type Column } from '../panels/tables.ts';
import { ONE } from '../signals.ts';

const COLUMN = 'kind="mesh",region="$region",peer_hypervisor="$hypervisor"';
const ROW = `kind="mesh",${ONE}`;

/** Whom the hypervisor's probe pings. */
export function pairRows(): Builder<Panel> {
  return rows({
    title: 'Row: what it pings',
    description:
      'Each peer that the probe of this hypervisor pings. One bad line: that pair. All of them, and the column ' +
      'beside too: this hypervisor. All of one zone: the way between two zones.',
    ...TABLE,
    key: ['peer_hypervisor', 'Hypervisor'],
    labels: { peer_zone: 'Zone' },
    columns: [
      ...columnsOf(ROW, 'peer_hypervisor', 'peer_zone'),
      {
        title: 'Full size',
        expr: `min by (peer_hypervisor) (innervisor_ping_full_mtu_ok{${ONE}})`,
        unit: units.NoUnit,
        names: { 0: 'lost', 1: 'ok' },
      },
    ],
  });
}

/** Who pings the hypervisor's probe. */
export function columnRows(): Builder<Panel> {
  return rows({
    title: 'Column: what pings it',
    description:
      'Each probe that pings the one on this hypervisor, from the other end. Bad here and good in the row: loss in ' +
      'one direction, or a probe that answers late.',
    ...TABLE,
    key: ['hypervisor', 'Hypervisor'],
    labels: { availability_zone: 'Zone' },
    columns: columnsOf(COLUMN, 'hypervisor', 'availability_zone'),
  });
}

const TABLE = {
  unit: units.NoUnit,
  width: 12,
  height: 10,
  worst: 'Loss',
  link: linkToHypervisor('${__data.fields.Hypervisor}'),
} as const;

function columnsOf(matchers: string, end: string, zone: string): readonly Column[] {
  const rate = (series: string, by: string): string =>
    `sum by (${by}) (rate(innervisor_ping_${series}{${matchers}}[1m]))`;
  return [
    {
      title: 'Loss',
      expr: `1 - ${rate('received_total', `${end}, ${zone}`)} / (${rate('sent_total', `${end}, ${zone}`)} > 0)`,
      unit: units.PercentUnit,
      levels: LEVELS.mesh_loss,
      decimals: 1,
    },
    {
      title: 'Mean RTT',
      expr: `${rate('rtt_seconds_sum', end)} / (${rate('rtt_seconds_count', end)} > 0)`,
      unit: units.Seconds,
      levels: LEVELS.mesh_rtt,
      decimals: 1,
    },
  ];
}
