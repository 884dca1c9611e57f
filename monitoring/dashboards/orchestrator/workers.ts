import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { atLeast, rising } from '../panels/about.ts';
import { figure } from '../panels/figures.ts';
import { lines } from '../panels/lines.ts';

/** What `docs/worker-metrics.md` and the alerts call the workers' job. */
const JOB = '{job="innervisor-worker"}';

/** Whether workers live, are ready, and have room for what waits. */
export function workerPanels(): readonly Builder<Panel>[] {
  return [readyFigure(), ...slotPanels(), ...processPanels()];
}

function readyFigure(): Builder<Panel> {
  return figure(
    {
      title: 'Workers',
      description:
        'Workers that are ready, of those that Prometheus scrapes as the job `innervisor-worker`. ' +
        'Bad: none, and no region is looked after; one, and nothing goes on when it ends.',
      unit: units.NoUnit,
      width: 4,
      height: 8,
      levels: atLeast(1),
    },
    [
      { expr: 'sum(innervisor_worker_ready) or vector(0)', legend: 'ready' },
      { expr: `count(up${JOB}) or vector(0)`, legend: 'scraped' },
    ],
  );
}

function slotPanels(): readonly Builder<Panel>[] {
  return [
    lines(
      {
        title: 'Free slots, the fewest of any worker',
        description:
          'How many more tasks of each kind the busiest worker could take. ' +
          'Bad: 0 for long, then steps wait: start another worker.',
        unit: units.Number,
        width: 10,
        height: 8,
      },
      [
        {
          expr: 'min by (worker_type) (temporal_worker_task_slots_available)',
          legend: '{{worker_type}}',
        },
      ],
    ),
    lines(
      {
        title: 'How long steps wait for a worker (p99)',
        description:
          '99 of 100 steps were begun within this time. Bad: seconds for long: no worker has a free slot.',
        unit: units.Seconds,
        width: 10,
        height: 8,
        levels: rising(5, 60),
      },
      [
        {
          expr: `histogram_quantile(0.99, sum by (le, task_queue) (rate(temporal_activity_schedule_to_start_latency_seconds_bucket[$__rate_interval]))) > 0`,
          legend: '{{task_queue}}',
        },
      ],
    ),
  ];
}

function processPanels(): readonly Builder<Panel>[] {
  const third = { width: 8, height: 8 };
  return [
    lines(
      {
        ...third,
        title: 'Requests to Temporal a second',
        description:
          'All that workers ask of Temporal, and what of it failed. Long polls that end empty are no failures. ' +
          'Bad: failures for long.',
        unit: units.RequestsPerSecond,
      },
      [
        { expr: 'sum(rate(temporal_request_total[$__rate_interval]))', legend: 'all' },
        {
          expr: 'sum(rate(temporal_request_failure_total[$__rate_interval])) or vector(0)',
          legend: 'failed',
        },
      ],
    ),
    lines(
      {
        ...third,
        title: 'Memory of workers',
        description:
          'Resident memory of each. About 260 MB while it creates 250 probes, 280 MB for 2,000. Bad: steady growth.',
        unit: units.BytesIEC,
      },
      [{ expr: `process_resident_memory_bytes${JOB}`, legend: '{{instance}}' }],
    ),
    lines(
      {
        ...third,
        title: 'Lag of the event loop (p99)',
        description:
          'How late a worker comes to what is due. Bad: above a second: it is stuck or has too little CPU time, ' +
          'and `/healthz` answers late.',
        unit: units.Seconds,
        levels: rising(0.5, 1),
      },
      [{ expr: `nodejs_eventloop_lag_p99_seconds${JOB}`, legend: '{{instance}}' }],
    ),
  ];
}
