import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { LEVELS } from '../levels.ts';
import { lines } from '../panels/lines.ts';
import { matrix } from '../panels/tables.ts';

const REGION = '{region="$region"}';
const LOSS = 'innervisor:mesh_loss_share:zone_pair_rate1m';
const RTT = 'innervisor:mesh_rtt_seconds:zone_pair_median';
const SHOWN = 10;
const ENDS = { row: 'availability_zone', column: 'peer_zone' } as const;
const SQUARE = { width: 12, height: 8, decimals: 2 } as const;

/** The network between zones, now and over time. */
export function zonePanels(): readonly Builder<Panel>[] {
  const loss = { unit: units.PercentUnit, levels: LEVELS.mesh_loss };
  const rtt = { unit: units.Seconds, levels: LEVELS.mesh_rtt };
  return [
    matrix(
      {
        ...ENDS,
        ...SQUARE,
        ...loss,
        title: 'Loss between zones',
        description:
          'Share of the pings from each zone to each other that came back never, now. One bad cell: the way between ' +
          'two zones. A bad row and column: that zone.',
      },
      `sum by (availability_zone, peer_zone) (${LOSS}${REGION})`,
    ),
    matrix(
      {
        ...ENDS,
        ...SQUARE,
        ...rtt,
        title: 'Round trip between zones',
        description:
          "The median of the pairs' mean time from each zone to each other, now. Zones may lie far apart: bad is " +
          'what is far above the line of the same pair an hour ago, below.',
      },
      `sum by (availability_zone, peer_zone) (${RTT}${REGION})`,
    ),
    lines(
      {
        width: 12,
        height: 7,
        unit: units.PercentUnit,
        title: 'Loss between zones over time',
        description: 'The ten pairs of zones with the most loss now. Bad: above the threshold for minutes.',
      },
      [
        { expr: worstNow(LOSS), legend: '{{availability_zone}} to {{peer_zone}}' },
        { expr: 'innervisor:threshold:mesh_loss_share{region="$region"}', legend: 'alert threshold' },
      ],
    ),
    lines(
      {
        width: 12,
        height: 7,
        unit: units.Seconds,
        title: 'Round trip between zones over time',
        description:
          'The ten pairs of zones that are slowest now. Bad: a step up, which is another way or a full one.',
      },
      [{ expr: worstNow(RTT), legend: '{{availability_zone}} to {{peer_zone}}' }],
    ),
  ];
}

/** The same few for the whole time. */
function worstNow(series: string): string {
  return `${series}${REGION} and topk(${SHOWN}, ${series}${REGION} @ end())`;
}
