import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { none, type Levels } from '../panels/about.ts';
import { figure } from '../panels/figures.ts';
import { CHOSEN } from '../signals.ts';

/** A region's numbers at a glance. */
export function countPanels(): readonly Builder<Panel>[] {
  return [
    ...passCounts(),
    count(
      'No probe',
      'Hypervisors that should have a probe and have no target in Prometheus, right now. Bad: any.',
      `sum(innervisor:over:unmonitored{region="$region"}) or vector(0)`,
      none(),
    ),
    count(
      'Silent',
      'Probes of which no exporter answers, right now. Bad: any; the hypervisor may be down.',
      `sum(innervisor:over:down{${CHOSEN}}) or vector(0)`,
      none(),
    ),
    count(
      'Over a limit',
      'Hypervisors of which a signal is over its limit, right now. Bad: any; they come first below.',
      `count(innervisor:strain:worst{${CHOSEN}} > 1) or vector(0)`,
      none('orange'),
    ),
    firing(),
    age(),
  ];
}

/** By the last pass, as every worker says it. */
function passCounts(): readonly Builder<Panel>[] {
  const probes = (matchers: string): string =>
    `sum(max by (state) (innervisor_probes{region="$region"${matchers}}))`;
  return [
    count(
      'Expected',
      'Hypervisors that should carry a probe, by the last pass. Bad: a number that you do not expect.',
      probes(''),
    ),
    count(
      'Verified',
      'Probes of which no check failed in the last pass. Bad: fewer than expected.',
      probes(',state="verified"'),
    ),
    count(
      'Failed',
      'Probes of which a check failed in the last pass; its report says which. Bad: any.',
      probes(',state="failed"'),
      none('orange'),
    ),
  ];
}

function firing(): Builder<Panel> {
  const alerts = (severity: string): string =>
    `count(ALERTS{alertstate="firing",region="$region",severity="${severity}"}) or vector(0)`;
  return figure(
    {
      title: 'Alerts that fire',
      description:
        'Alerts of this region by severity, those that are silenced among them. Bad: any that is critical.',
      unit: units.NoUnit,
      width: 4,
      height: 4,
      levels: none(),
    },
    [
      { expr: alerts('critical'), legend: 'critical' },
      { expr: alerts('warning'), legend: 'warning' },
    ],
  );
}

function age(): Builder<Panel> {
  return figure(
    {
      title: 'Last good pass',
      description:
        'Time since the last pass that went through to the verification. Bad: more than three intervals of the ' +
        'schedule; probes are then no longer kept in step. See the dashboard of the orchestrator.',
      unit: units.Seconds,
      width: 2,
      height: 4,
    },
    [
      {
        expr: `time() - max(innervisor_last_good_pass_timestamp_seconds{region="$region"} > 0)`,
        legend: 'ago',
      },
    ],
  );
}

function count(title: string, description: string, expr: string, levels?: Levels): Builder<Panel> {
  const about = { title, description, unit: units.NoUnit, width: 3, height: 4 };
  return figure(levels === undefined ? about : { ...about, levels }, [{ expr, legend: title }]);
}
