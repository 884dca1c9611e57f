import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  ReduceDataOptionsBuilder,
  VizOrientation,
} from '@grafana/grafana-foundation-sdk/common';
import {
  MappingType,
  type DashboardLinkBuilder,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { targetsOf, type Query } from '../query.ts';
import { describe, type About } from './about.ts';

/** What a number is called, such as 1 `ok`. */
export type Names = Readonly<Record<number, string>>;

/** Values by their names. */
export function mappingOf(names: Names): ValueMapping {
  const options = Object.entries(names).map(([value, text], index) => [value, { text, index }] as const);
  return { type: MappingType.ValueToText, options: Object.fromEntries(options) };
}

/** One big number, or a few of them side by side, as it is now. */
export function figure(about: About, queries: readonly Query[], names?: Names): PanelBuilder {
  const panel = describe(new PanelBuilder(), about)
    .targets(targetsOf(queries, 'instant'))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false))
    .colorMode(about.levels === undefined ? BigValueColorMode.None : BigValueColorMode.Background)
    .graphMode(BigValueGraphMode.None)
    .textMode(queries.length > 1 ? BigValueTextMode.ValueAndName : BigValueTextMode.Auto)
    .orientation(VizOrientation.Auto);
  return names === undefined ? panel : panel.mappings([mappingOf(names)]);
}

/** A coloured cell for each series of one query, in the query's own order. */
export function cells(
  about: About & { readonly link: DashboardLinkBuilder },
  query: Required<Query>,
): PanelBuilder {
  return figure(about, [query]).textMode(BigValueTextMode.ValueAndName).dataLinks([about.link]);
}
