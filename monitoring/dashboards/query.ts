import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { DATASOURCE } from './variables.ts';

/** One question to Prometheus. */
export interface Query {
  readonly expr: string;
  /** Name of its series, with labels as `{{hypervisor}}`. */
  readonly legend?: string;
}

/** How it is asked: over the time that is shown, or for its end alone, as series or as rows of a table. */
export type QueryForm = 'range' | 'instant' | 'table';

/** Grafana's name for the query at this place of a panel, by which its values are called in tables. */
export function refIdOf(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index);
}

/** The queries of a panel as Grafana wants them. */
export function targetsOf(queries: readonly Query[], form: QueryForm): DataqueryBuilder[] {
  return queries.map(({ expr, legend }, index) => {
    const target = new DataqueryBuilder().datasource(DATASOURCE).refId(refIdOf(index)).expr(expr);
    if (legend !== undefined) target.legendFormat(legend);
    if (form === 'range') return target.range().format(PromQueryFormat.TimeSeries);
    return target.instant().format(form === 'table' ? PromQueryFormat.Table : PromQueryFormat.TimeSeries);
  });
}
