import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { LEVELS } from '../levels.ts';
import { linkToHypervisor } from '../links.ts';
import { FULL_WIDTH, rising, type Levels } from '../panels/about.ts';
import { strips } from '../panels/strips.ts';
import { rows, type Column } from '../panels/tables.ts';
import { CHOSEN } from '../signals.ts';

const PEERS = 'region="$region",peer_zone=~"$zone",peer_hypervisor=~"$hypervisor"';
const BAD_SHARE: Levels = rising(0.25, 0.5);

const ROW_LOSS = row('innervisor:mesh_loss_share:row_rate1m');
const COLUMN_LOSS = column('innervisor:mesh_loss_share:column_rate1m');
const ROW_RTT = row('innervisor:mesh_rtt_seconds:p99_1m');
/**
 * By loss first, and where nothing is lost by time: a millisecond counts as little as a millionth lost. A row of which
 * nothing comes back has no time.
 */
const WORST = `topk($worst, ${ROW_LOSS} + ${ROW_RTT} / 1000 or ${ROW_LOSS})`;

/** Rows and columns of the mesh, the worst first. */
export function hypervisorPanels(): readonly Builder<Panel>[] {
  return [hypervisorRows(), lossStrips(), rttStrips()];
}

function hypervisorRows(): Builder<Panel> {
  return rows({
    title: 'Rows and columns',
    description:
      'Row: what the probe of a hypervisor pings; column: what pings it. Both bad: that hypervisor. Only the row ' +
      'or only the column of many: look at the pairs below. `Bad of row` is the share of its pairs over a limit: ' +
      'most of the row and most of the column must be bad before an alert blames the hypervisor.',
    unit: units.NoUnit,
    width: FULL_WIDTH,
    height: 12,
    key: ['hypervisor', 'Hypervisor'],
    worst: 'Loss of row',
    link: linkToHypervisor('${__data.fields.Hypervisor}'),
    columns: [
      share('Loss of row', ROW_LOSS, LEVELS.mesh_loss),
      share('Loss of column', COLUMN_LOSS, LEVELS.mesh_loss),
      { ...share('p99 of row', ROW_RTT, LEVELS.mesh_rtt), unit: units.Seconds },
      {
        ...share('p50 of row', row('innervisor:mesh_rtt_seconds:p50_1m'), LEVELS.mesh_rtt),
        unit: units.Seconds,
      },
      share('Bad of row', bad('row'), BAD_SHARE),
      share('Bad of column', bad('column'), BAD_SHARE),
      { title: 'Pings', expr: ofWorst(row('innervisor:mesh_peers:row')), unit: units.Number },
      { title: 'Pinged by', expr: ofWorst(columnById('innervisor:mesh_peers:column')), unit: units.Number },
    ],
  });
}

function lossStrips(): Builder<Panel> {
  return strips(
    {
      title: 'Loss of rows over time',
      description:
        'A strip for each of the hypervisors that lose most now, coloured by their loss. Bad: red for long. Strips ' +
        'that turn red together have something in common: a switch, a rack, a zone.',
      unit: units.PercentUnit,
      width: 12,
      height: 12,
      levels: LEVELS.mesh_loss,
      link: linkToHypervisor('${__field.labels.hypervisor}'),
    },
    stripsOf('innervisor:mesh_loss_share:row_rate1m'),
  );
}

function rttStrips(): Builder<Panel> {
  return strips(
    {
      title: 'Round trip of rows over time (p99)',
      description:
        'A strip for each of the hypervisors that are slowest now, coloured by their 99th percentile. Bad: a strip ' +
        'that changes its colour; strips that are always red may simply be far away.',
      unit: units.Seconds,
      width: 12,
      height: 12,
      levels: LEVELS.mesh_rtt,
      link: linkToHypervisor('${__field.labels.hypervisor}'),
    },
    stripsOf('innervisor:mesh_rtt_seconds:p99_1m'),
  );
}

/** As many as can be told apart; the same ones for the whole time. */
function stripsOf(series: string): string {
  const shown = `${series}{${CHOSEN}}`;
  return `max by (hypervisor) (${shown} and topk(20, ${shown} @ end()))`;
}

function row(series: string): string {
  return `max by (hypervisor) (${select(series, CHOSEN)})`;
}

/** What is about a peer, by the hypervisor that it runs on. */
function column(series: string): string {
  return `max by (hypervisor) (label_replace(${select(series, PEERS)}, "hypervisor", "$1", "peer_hypervisor", "(.*)"))`;
}

/** The same of series that know a peer by its id alone. */
function columnById(series: string): string {
  return `max by (hypervisor) (
  label_replace(max by (region, peer_id) (${select(series, 'region="$region"')}), "probe_id", "$1", "peer_id", "(.*)")
  * on (region, probe_id) group_left (hypervisor)
    group by (region, probe_id, hypervisor) (innervisor:probe_answers{${CHOSEN}})
)`;
}

/** A series by its name, or several by matchers that are to be continued. */
function select(series: string, matchers: string): string {
  return series.startsWith('{') ? `${series},${matchers}}` : `${series}{${matchers}}`;
}

/** The share of pairs that are lossy or slow, whichever is more; only bad pairs have series. */
function bad(part: 'row' | 'column'): string {
  const of = part === 'row' ? row : columnById;
  return `(${of(`{__name__=~"innervisor:mesh_(lossy|slow)_pairs:${part}_share"`)}
or 0 * ${of(`innervisor:mesh_peers:${part}`)})`;
}

function share(title: string, expr: string, levels: Levels): Column {
  return { title, expr: ofWorst(expr), unit: units.PercentUnit, decimals: 1, levels };
}

/** Only of those that are shown. */
function ofWorst(expr: string): string {
  return `${expr} and on (hypervisor) ${WORST}`;
}
