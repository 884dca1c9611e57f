import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AnnotationQueryBuilder,
  type AnnotationQuery,
  type Panel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import * as units from '@grafana/grafana-foundation-sdk/units';
import { FULL_WIDTH } from './panels/about.ts';
import { rows } from './panels/tables.ts';
import { DATASOURCE } from './variables.ts';

/** More than anybody reads. */
const SHOWN = 200;

/** What fires now, the oldest first. */
export function alertRows(matchers: string): Builder<Panel> {
  return rows({
    title: 'Alerts, the oldest first',
    description:
      'What fires now, with the time since it began, those that are silenced among them. Empty is good. ' +
      'Each alert has a page of what it means and what to do, linked in its message.',
    unit: units.Seconds,
    width: FULL_WIDTH,
    height: 8,
    key: ['alertname', 'Alert'],
    labels: { severity: 'Severity', availability_zone: 'Zone', hypervisor: 'Hypervisor' },
    worst: 'For',
    columns: [
      {
        title: 'For',
        expr: `topk(${SHOWN}, max by (alertname, severity, availability_zone, hypervisor) (
  time() - ALERTS_FOR_STATE{${matchers}} and ignoring (alertstate) ALERTS{alertstate="firing",${matchers}}
))`,
        unit: units.Seconds,
      },
    ],
  });
}

/** Marks in every graph of a dashboard when an alert fired. */
export function alertMarks(matchers: string): Builder<AnnotationQuery> {
  return new AnnotationQueryBuilder()
    .name('Alerts')
    .datasource(DATASOURCE)
    .enable(true)
    .iconColor('red')
    .expr(`ALERTS{alertstate="firing",${matchers}}`)
    .titleFormat('{{alertname}}')
    .target(new DataqueryBuilder().refId('Alerts').expr(`ALERTS{alertstate="firing",${matchers}}`))
    .step('60s');
}
