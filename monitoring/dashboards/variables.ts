import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** Every query asks the Prometheus that is chosen at the top of the dashboard. */
export const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Stands for all values: one short regular expression, where thousands of names would make a query too long. */
const EVERYTHING = '.*';

/**
 * Series of which each hypervisor has one: what its probe says of itself, and what workers expect, which is there also
 * where there is no probe. Each chooses by the variables before it.
 */
export const PROBES = {
  all: '{__name__=~"innervisor_exporter_info|innervisor_probe_expected"}',
  ofRegion: '{__name__=~"innervisor_exporter_info|innervisor_probe_expected",region="$region"}',
  ofZones:
    '{__name__=~"innervisor_exporter_info|innervisor_probe_expected",region="$region",availability_zone=~"$zone"}',
} as const;

/** One of what Prometheus has for a label, or several of them where `multi` is set. */
interface Choice {
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly series: string;
  readonly of: string;
  readonly multi?: boolean;
}

/** Which Prometheus. */
export function datasourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('datasource')
    .label('Prometheus')
    .description('The Prometheus that scrapes the probes and the workers.')
    .type('prometheus');
}

/** Which region; or several, of which each has its own row. */
export function regionVariable(series: string, { multi = false } = {}): QueryVariableBuilder {
  const description = multi ? 'Regions that are shown.' : 'The region that is shown.';
  return choice({ name: 'region', label: 'Region', description, series, of: 'region', multi });
}

/** Availability zones of the region. */
export function zoneVariable(series: string): QueryVariableBuilder {
  const description = 'Availability zones of the region that are shown.';
  return choice({ name: 'zone', label: 'Zone', description, series, of: 'availability_zone', multi: true });
}

/** Hypervisors of the zones that were chosen, or one of them. */
export function hypervisorVariable(series: string, { multi = false } = {}): QueryVariableBuilder {
  const description = multi ? 'Hypervisors that are shown.' : 'The hypervisor that is shown.';
  return choice({ name: 'hypervisor', label: 'Hypervisor', description, series, of: 'hypervisor', multi });
}

/** How many of the worst are shown, so that a dashboard stays quick in a region of thousands. */
export function worstVariable(counts: readonly number[], chosen: number): CustomVariableBuilder {
  const option = (count: number) => ({
    text: String(count),
    value: String(count),
    selected: count === chosen,
  });
  return new CustomVariableBuilder('worst')
    .label('Worst')
    .description('How many are shown, the worst of all.')
    .values(counts.join(','))
    .options(counts.map(option))
    .current(option(chosen));
}

function choice({ name, label, description, series, of, multi = false }: Choice): QueryVariableBuilder {
  const query = `label_values(${series}, ${of})`;
  const builder = new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(DATASOURCE)
    .definition(query)
    .query({ qryType: 1, query, refId: `variable-${name}` })
    // Hypervisors come and go while a dashboard stays open.
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(multi)
    .includeAll(multi);
  if (!multi) return builder;
  return builder.allValue(EVERYTHING).current({ text: ['All'], value: ['$__all'], selected: true });
}
