import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { LEVELS } from '../levels.ts';
import { none } from '../panels/about.ts';
import { lines } from '../panels/lines.ts';
import { matrix } from '../panels/tables.ts';
import { CHOSEN } from '../signals.ts';

const ENDS = { row: 'hypervisor', column: 'peer_hypervisor' } as const;
const LOSSY = 'innervisor:mesh_loss_share:pair_rate1m';
const SLOW = 'innervisor:mesh_rtt_seconds:pair_mean1m';
const PAIRS = `{${CHOSEN}}`;

/** Pairs are recorded only while something is wrong with them, so these may well be empty. */
export function pairPanels(): readonly Builder<Panel>[] {
  return [
    lines(
      {
        title: 'How many pairs are bad',
        description:
          'Pairs that lose more than the threshold, and pairs that are slower than the limit of their zones, of all ' +
          'that ping each other. Bad: any for long.',
        unit: units.Number,
        width: 24,
        height: 6,
        levels: none('orange'),
      },
      [
        { expr: `count(${LOSSY}${PAIRS}) or vector(0)`, legend: 'lossy' },
        { expr: `count(${SLOW}${PAIRS}) or vector(0)`, legend: 'slow' },
      ],
    ),
    matrix(
      {
        ...ENDS,
        title: 'Pairs that lose',
        description:
          'Loss from each row to each column, of the worst pairs that lose more than the threshold. Empty is good. ' +
          'A full row and column is a hypervisor; a block is two racks; a single cell is a pair.',
        unit: units.PercentUnit,
        width: 12,
        height: 12,
        decimals: 1,
        levels: LEVELS.mesh_loss,
      },
      worst(LOSSY),
    ),
    matrix(
      {
        ...ENDS,
        title: 'Pairs that are slow',
        description:
          'Mean round trip from each row to each column, of the worst pairs that are over the limit of their zones. ' +
          'Empty is good. Read it as the one beside.',
        unit: units.Seconds,
        width: 12,
        height: 12,
        decimals: 2,
        levels: LEVELS.mesh_rtt,
      },
      worst(SLOW),
    ),
  ];
}

function worst(series: string): string {
  return `topk($worst, max by (hypervisor, peer_hypervisor) (${series}${PAIRS}))`;
}
