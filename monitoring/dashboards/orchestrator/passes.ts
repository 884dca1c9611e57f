import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { linkToRegion } from '../links.ts';
import { FULL_WIDTH, none, rising } from '../panels/about.ts';
import { lines, stack } from '../panels/lines.ts';
import { rows, type Column } from '../panels/tables.ts';

const REGIONS = '{region=~"$region"}';
/** From how many intervals without a good pass on the alert InnervisorNoGoodPass waits to fire. */
const INTERVALS_MAX = 3;

const AGE = `(time() - max by (region) (innervisor_last_good_pass_timestamp_seconds${REGIONS} > 0))`;
/** By a calendar they are as long as the three up to now, so that a night without passes counts as none. */
const THREE_INTERVALS = `(time() - min by (region) (innervisor_pass_due_timestamp_seconds${REGIONS}))`;
const INTERVALS = `${INTERVALS_MAX} * ${AGE} / ${THREE_INTERVALS}`;

/** All workers say the same of a region, so the maximum over them is what they say. */
export function passPanels(): readonly Builder<Panel>[] {
  return [regionRows(), intervalLines(), outcomeBars(), probeStack(), attemptLines(), failedStepLines()];
}

function regionRows(): Builder<Panel> {
  const lastOutcome = `max by (region, outcome) (innervisor_last_pass_outcome${REGIONS}) == 1`;
  const ended = `max by (region, outcome) (innervisor_last_pass_timestamp_seconds${REGIONS})`;
  return rows({
    title: 'Regions',
    description:
      'How the last pass of each region ended, and what it found. Bad: more than three intervals without a pass ' +
      'that went through, a guard that holds, probes that failed, hypervisors without a probe.',
    unit: units.Seconds,
    width: FULL_WIDTH,
    height: 8,
    key: ['region', 'Region'],
    labels: { outcome: 'Last pass' },
    worst: 'Intervals without',
    link: linkToRegion('${__data.fields.Region}'),
    columns: [
      { title: 'Ended before', expr: `time() - (${ended} and ${lastOutcome})`, unit: units.Seconds },
      { title: 'Good one before', expr: AGE, unit: units.Seconds },
      {
        title: 'Intervals without',
        expr: INTERVALS,
        unit: units.Number,
        decimals: 1,
        levels: rising(2, INTERVALS_MAX),
      },
      {
        title: 'Now',
        expr: `max by (region) (innervisor_pass_running${REGIONS})`,
        unit: units.NoUnit,
        names: { 0: 'waits', 1: 'runs' },
      },
      {
        title: 'Guard',
        expr: `max by (region) (innervisor_guard_held${REGIONS})`,
        unit: units.NoUnit,
        names: { 0: 'open', 1: 'holds' },
        levels: none(),
      },
      ...probeColumns(),
    ],
  });
}

function probeColumns(): readonly Column[] {
  const column = (title: string, state: string): Column => ({
    title,
    expr: `max by (region) (innervisor_probes{region=~"$region",state="${state}"})`,
    unit: units.Number,
  });
  return [
    column('Verified', 'verified'),
    { ...column('Failed', 'failed'), levels: none('orange') },
    column('Skipped', 'skipped'),
    { ...column('Missing', 'missing'), levels: none() },
  ];
}

function intervalLines(): Builder<Panel> {
  return lines(
    {
      title: 'Intervals since the last good pass',
      description:
        'Time since the last pass that went through to the verification, in intervals of its schedule. It should ' +
        'rise to 1 and fall back. Bad: above 3. A held guard keeps it rising until somebody decides.',
      unit: units.Number,
      width: 12,
      height: 8,
      levels: rising(2, INTERVALS_MAX),
    },
    [{ expr: INTERVALS, legend: '{{region}}' }],
  );
}

function outcomeBars(): Builder<Panel> {
  return stack(
    {
      title: 'Passes an hour, by outcome',
      description:
        'Passes that ended within the last hour, of all chosen regions. `degraded`: done, but something failed; ' +
        '`held`: the guard held the plan and nobody approved it. Bad: anything but `converged` and `planned`.',
      unit: units.Number,
      width: 12,
      height: 8,
    },
    [
      {
        expr: `sum by (outcome) (max by (region, outcome) (increase(innervisor_passes_total${REGIONS}[1h])))`,
        legend: '{{outcome}}',
      },
    ],
  );
}

function probeStack(): Builder<Panel> {
  return stack(
    {
      title: 'Probes by state',
      description:
        'Probes after the last pass that verified them, of all chosen regions. `missing`: hypervisors that should ' +
        'have one and have none; `skipped`: their hypervisor is down. Bad: `failed` and `missing`.',
      unit: units.Number,
      width: 12,
      height: 8,
    },
    [
      {
        expr: `sum by (state) (max by (region, state) (innervisor_probes${REGIONS}))`,
        legend: '{{state}}',
      },
    ],
  );
}

function attemptLines(): Builder<Panel> {
  return lines(
    {
      title: 'Attempts of steps a minute, by result',
      description:
        'Attempts of the steps of passes. One that failed is tried again, so a few of them are no harm. ' +
        'Bad: `failed` for as long as passes run.',
      unit: units.Number,
      width: 6,
      height: 8,
    },
    [
      {
        expr: `sum by (result) (60 * rate(innervisor_steps_total${REGIONS}[$__rate_interval]))`,
        legend: '{{result}}',
      },
    ],
  );
}

function failedStepLines(): Builder<Panel> {
  return lines(
    {
      title: 'Steps that failed',
      description:
        'Failed attempts a minute, the ten worst steps. Empty is good. ' +
        'What failed and why is in the log of the worker and in the Web UI of Temporal.',
      unit: units.Number,
      width: 6,
      height: 8,
    },
    [
      {
        expr: `topk(10, sum by (region, step) (60 * rate(innervisor_steps_total{region=~"$region",result="failed"}[$__rate_interval])))`,
        legend: '{{region}} {{step}}',
      },
    ],
  );
}
