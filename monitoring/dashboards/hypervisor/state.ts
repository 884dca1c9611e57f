import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { STRAIN_LEVELS } from '../levels.ts';
import { atLeast, FULL_WIDTH, none, rising, type Levels } from '../panels/about.ts';
import { figure, type Names } from '../panels/figures.ts';
import { rows } from '../panels/tables.ts';
import type { Query } from '../query.ts';
import { ONE } from '../signals.ts';

const UP: Names = { 0: 'down', 1: 'up' };
const OK: Names = { 0: 'failed', 1: 'ok' };

/** Whether what is measured can be believed, and by which probe it is. */
export function statePanels(): readonly Builder<Panel>[] {
  return [...exporterFigures(), ...agentFigures(), ...measuringFigures(), probeRows()];
}

function exporterFigures(): readonly Builder<Panel>[] {
  const up = (exporter: string): Query => ({
    expr: `max(up{exporter="${exporter}",${ONE}})`,
    legend: exporter,
  });
  return [
    small('Strain', 'Its worst signal: 1 is the limit from which on an alert waits to fire. Bad: above 1.', {
      queries: [{ expr: `max(innervisor:strain:worst{${ONE}})`, legend: 'strain' }],
      levels: STRAIN_LEVELS,
    }),
    small(
      'Exporters',
      'Whether Prometheus reaches the two exporters of the probe. Bad: `down`. Both: the probe, its hypervisor or ' +
        'the way to it; one: that exporter.',
      { queries: [up('node'), up('ping')], levels: atLeast(1), names: UP },
    ),
  ];
}

function agentFigures(): readonly Builder<Panel>[] {
  return [
    small(
      'Agent',
      'Whether the last pull of the list of peers went well. Bad: `failed`; see the table below.',
      {
        queries: [{ expr: `min(innervisor_agent_last_run_ok{${ONE}})`, legend: 'agent' }],
        levels: atLeast(1),
        names: OK,
      },
    ),
    small(
      'List confirmed before',
      'Time since the agent last saw that its list is the published one. Bad: more than three intervals of the agent.',
      {
        queries: [{ expr: `max(innervisor:agent_unconfirmed_seconds{${ONE}})`, legend: 'ago' }],
        levels: rising(600, 900),
        unit: units.Seconds,
      },
    ),
    small(
      'Peers',
      'How many the probe pings, and how many stand in its list. Above `probe.peersMax` it pings only some of them. ' +
        'Bad: none pinged of many.',
      {
        queries: [
          { expr: `max(innervisor_ping_peers{${ONE}})`, legend: 'pinged' },
          { expr: `max(innervisor_agent_peers_listed{${ONE}})`, legend: 'listed' },
        ],
      },
    ),
  ];
}

function measuringFigures(): readonly Builder<Panel>[] {
  return [
    small('Pings', 'Whether outcomes of pings arrive, of peers and of public targets. Bad: `down`.', {
      queries: [{ expr: `min by (group) (innervisor_ping_up{${ONE}})`, legend: '{{group}}' }],
      levels: atLeast(1),
      names: UP,
    }),
    small('Disk', 'Whether the file is written and the disk is measured. Bad: `no` for more than minutes.', {
      queries: [{ expr: `min(innervisor_disk_ready{${ONE}})`, legend: 'measured' }],
      levels: atLeast(1),
      names: { 0: 'no', 1: 'measured' },
    }),
    small(
      'Packets of full size',
      'Peers that answer small packets and not those of the full MTU. Bad: any; a wrong MTU on the way.',
      {
        queries: [
          {
            expr: `count(innervisor_ping_full_mtu_ok{${ONE}} == 0 and rate(innervisor_ping_received_total{${ONE}}[1m]) > 0) or vector(0)`,
            legend: 'peers',
          },
        ],
        levels: none(),
      },
    ),
  ];
}

function probeRows(): Builder<Panel> {
  return rows({
    title: 'Probe',
    description:
      'The probe on this hypervisor; two of them for a moment, while one replaces the other. `Pull` is how the last ' +
      'pull of the list of peers ended. Bad: anything but `updated` and `unchanged`.',
    unit: units.Seconds,
    width: FULL_WIDTH,
    height: 4,
    key: ['probe', 'Name'],
    labels: { probe_id: 'Id', availability_zone: 'Zone', version: 'Version', result: 'Pull' },
    columns: [
      {
        title: 'Up for',
        expr: `time() - max by (probe, probe_id, availability_zone) (node_boot_time_seconds{${ONE}})`,
        unit: units.Seconds,
      },
      { title: 'Exporter', expr: `max by (probe, version) (innervisor_exporter_info{${ONE}})`, ...HIDDEN },
      { title: 'Result', expr: `max by (probe, result) (innervisor_agent_last_result{${ONE}})`, ...HIDDEN },
    ],
  });
}

const HIDDEN = { unit: units.NoUnit, hidden: true } as const;

interface Small {
  readonly queries: readonly Query[];
  readonly levels?: Levels;
  readonly names?: Names;
  readonly unit?: string;
}

function small(title: string, description: string, rest: Small): Builder<Panel> {
  const { queries, levels, names, unit = units.NoUnit } = rest;
  return figure(
    { title, description, unit, width: 3, height: 4, ...(levels === undefined ? {} : { levels }) },
    queries,
    names,
  );
}
