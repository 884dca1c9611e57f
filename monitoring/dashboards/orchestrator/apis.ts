import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { rising } from '../panels/about.ts';
import { lines } from '../panels/lines.ts';
import { rows } from '../panels/tables.ts';

const REGIONS = 'region=~"$region"';
/** Absent things answer 404, conditional writes 409 and 412: the product asks for these on purpose. */
const FAILED = `${REGIONS},code!~"2..|3..|404|409|412"`;
const REQUESTS = 'innervisor_api_requests_total';
const DURATION = 'innervisor_api_request_duration_seconds';
const FAILED_SHARE_MAX = 0.05;

/** How the servers around Innervisor answer it. */
export function apiPanels(): readonly Builder<Panel>[] {
  return [requestLines(), failureLines(), latencyLines(), operationRows()];
}

function requestLines(): Builder<Panel> {
  return lines(
    {
      title: 'Requests a second, by service',
      description:
        'What all workers ask. A pass with nothing to do costs a few requests a page of the listing. ' +
        'Bad: a steady level that grows with the region, which would be a fault of Innervisor.',
      unit: units.RequestsPerSecond,
      width: 8,
      height: 8,
    },
    [
      {
        expr: `sum by (service) (rate(${REQUESTS}{${REGIONS}}[$__rate_interval]))`,
        legend: '{{service}}',
      },
    ],
  );
}

function failureLines(): Builder<Panel> {
  return lines(
    {
      title: 'Share of requests that failed, by service',
      description:
        'Requests without an answer, or with one that says no, of all requests to the service. ' +
        'Bad: above 5 %; at 100 % the service is down or refuses our credentials, and passes fail.',
      unit: units.PercentUnit,
      width: 8,
      height: 8,
      levels: rising(FAILED_SHARE_MAX, 0.5),
    },
    [
      {
        // A service of which nothing has failed yet has no series for that, and its share is 0.
        expr: `(sum by (service) (rate(${REQUESTS}{${FAILED}}[$__rate_interval]))
  or 0 * sum by (service) (rate(${REQUESTS}{${REGIONS}}[$__rate_interval])))
/ (sum by (service) (rate(${REQUESTS}{${REGIONS}}[$__rate_interval])) > 0)`,
        legend: '{{service}}',
      },
    ],
  );
}

function latencyLines(): Builder<Panel> {
  return lines(
    {
      title: 'Time to an answer, by service (p99)',
      description:
        '99 of 100 requests were answered within this time. Bad: seconds for long, which make passes slow; ' +
        'a request that takes longer than `timeouts.requestMs` fails.',
      unit: units.Seconds,
      width: 8,
      height: 8,
      levels: rising(5, 30),
    },
    [
      {
        expr: `histogram_quantile(0.99, sum by (le, service) (rate(${DURATION}_bucket{${REGIONS}}[$__rate_interval]))) > 0`,
        legend: '{{service}}',
      },
    ],
  );
}

function operationRows(): Builder<Panel> {
  const counted = (labels: string): string =>
    `sum by (operation) (increase(${REQUESTS}{${labels}}[$__range]))`;
  return rows({
    title: 'Operations within the time that is shown',
    description:
      'The fifty that are asked most, and how many of their requests failed. Bad: an operation of which many failed.',
    unit: units.Number,
    width: 24,
    height: 9,
    key: ['operation', 'Operation'],
    worst: 'Failed',
    columns: [
      { title: 'Requests', expr: `topk(50, ${counted(REGIONS)})`, unit: units.Number, decimals: 0 },
      {
        title: 'Failed',
        expr: `(${counted(FAILED)} or 0 * ${counted(REGIONS)}) and topk(50, ${counted(REGIONS)})`,
        unit: units.Number,
        decimals: 0,
        levels: rising(1, 100),
      },
    ],
  });
}
