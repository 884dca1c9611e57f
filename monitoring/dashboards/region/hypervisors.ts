import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { linkToHypervisor } from '../links.ts';
import { LEVELS, STRAIN_LEVELS } from '../levels.ts';
import { FULL_WIDTH } from '../panels/about.ts';
import { cells, mappingOf } from '../panels/figures.ts';
import { rows, type Column } from '../panels/tables.ts';
import { CHOSEN, signalOf, type SignalName } from '../signals.ts';

/** What measures nothing is worse than whatever is measured. */
const WORSE = { silent: 100, unmonitored: 200 } as const;
const NAMES = { [WORSE.silent]: 'silent', [WORSE.unmonitored]: 'no probe' };

const BY_HYPERVISOR = 'max by (availability_zone, hypervisor)';
/** How bad each hypervisor is; what has no probe or is silent comes before all others. */
const BADNESS = `${BY_HYPERVISOR} (innervisor:over:unmonitored{${CHOSEN}} == 1) * ${WORSE.unmonitored}
or ${BY_HYPERVISOR} (innervisor:over:down{${CHOSEN}} == 1) * ${WORSE.silent}
or clamp_max(${BY_HYPERVISOR} (innervisor:strain:worst{${CHOSEN}}), 99)`;
const WORST = `topk($worst, ${BADNESS})`;

/** A cell for each hypervisor. */
export function hypervisorCells(): Builder<Panel> {
  return cells(
    {
      title: 'How near to a limit',
      description:
        'Each hypervisor by its worst signal: 1 is the limit from which on an alert waits to fire, 0 is calm. ' +
        'Bad: above 1. `silent`: no exporter of its probe answers; `no probe`: it should have one and has none. ' +
        'Click for all about one. As many of the worst are shown as is chosen above.',
      unit: units.Number,
      width: FULL_WIDTH,
      height: 9,
      decimals: 1,
      levels: STRAIN_LEVELS,
      link: linkToHypervisor('${__field.labels.hypervisor}'),
    },
    { expr: `sort_desc(${WORST})`, legend: '{{hypervisor}}' },
  ).mappings([mappingOf(NAMES)]);
}

/** A row for each hypervisor, with its signals. */
export function hypervisorRows(): Builder<Panel> {
  return rows({
    title: 'What they measure',
    description:
      'The same hypervisors with what their probes measure now. Bad: a strain above 1, which is by the limits of this ' +
      'region; the other columns are coloured by the default thresholds. Click for all about one.',
    unit: units.NoUnit,
    width: FULL_WIDTH,
    height: 14,
    key: ['hypervisor', 'Hypervisor'],
    labels: { availability_zone: 'Zone' },
    worst: 'Strain',
    link: linkToHypervisor('${__data.fields.Hypervisor}'),
    columns: [
      { title: 'Strain', expr: WORST, unit: units.Number, decimals: 2, levels: STRAIN_LEVELS, names: NAMES },
      column('Stolen', 'steal'),
      column('Disk p99', 'disk'),
      column('Mesh RTT p99', 'mesh_rtt'),
      column('Mesh loss', 'mesh_loss'),
      column('Public RTT p99', 'public_rtt'),
      column('Public loss', 'public_loss'),
    ],
  });
}

/** One signal, only of those hypervisors that are shown. */
function column(title: string, name: SignalName): Column {
  const { of, unit } = signalOf(name);
  return {
    title,
    expr: `max by (hypervisor) (${of(CHOSEN)}) and on (hypervisor) ${WORST}`,
    unit,
    levels: LEVELS[name],
    decimals: 1,
  };
}
