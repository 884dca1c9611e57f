import {
  TableCellDisplayMode,
  TableCellHeight,
  TableSortByFieldStateBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import type {
  DashboardLinkBuilder,
  DataTransformerConfig,
  DynamicConfigValue,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { refIdOf, targetsOf } from '../query.ts';
import { describe, thresholdsOf, type About, type Levels } from './about.ts';
import { mappingOf, type Names } from './figures.ts';

/** One column of a table, with a value for each row. */
export interface Column {
  readonly title: string;
  readonly expr: string;
  readonly unit: string;
  readonly levels?: Levels;
  readonly names?: Names;
  readonly decimals?: number;
  /** Its value says nothing, and only its labels are shown. */
  readonly hidden?: true;
}

/** A table with one row for each value of a label. */
export interface Rows extends About {
  /** The label that all queries have and by which rows are put together, and its title. */
  readonly key: readonly [label: string, title: string];
  /** Further labels that are shown, each of one query, with their titles. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly columns: readonly Column[];
  /** Title of the column by which the worst comes first. */
  readonly worst?: string;
  readonly link?: DashboardLinkBuilder;
}

/** A table of coloured cells, the worst row first. */
export function rows(table: Rows): PanelBuilder {
  const { columns, key, labels = {}, worst, link } = table;
  const [keyLabel, keyTitle] = key;
  const values = columns.map((column, index) => [valueOf(index, columns.length), column] as const);
  const shown = values.filter(([, { hidden }]) => hidden === undefined);
  const renamed: Readonly<Record<string, string>> = {
    [keyLabel]: keyTitle,
    ...labels,
    ...Object.fromEntries(shown.map(([name, { title }]) => [name, title])),
  };
  const panel = describe(new PanelBuilder(), table)
    .targets(targetsOf(columns, 'table'))
    .transformations([
      withoutTime(),
      ...(columns.length > 1 ? [transform('joinByField', { byField: keyLabel, mode: 'outer' })] : []),
      transform('organize', {
        renameByName: renamed,
        indexByName: Object.fromEntries(Object.keys(renamed).map((name, index) => [name, index])),
        excludeByName: Object.fromEntries(
          values.filter(([, { hidden }]) => hidden).map(([name]) => [name, true]),
        ),
      }),
    ])
    .cellHeight(TableCellHeight.Sm)
    .filterable(true);
  for (const [, column] of shown) panel.overrideByName(column.title, propertiesOf(column));
  if (worst !== undefined) panel.sortBy([new TableSortByFieldStateBuilder().displayName(worst).desc(true)]);
  return link === undefined ? panel : panel.dataLinks([link]);
}

/** A square of coloured cells: a row for each value of one label, a column for each of another. */
export function matrix(
  about: About & { readonly row: string; readonly column: string },
  expr: string,
): PanelBuilder {
  return (
    describe(new PanelBuilder(), about)
      .targets(targetsOf([{ expr }], 'table'))
      .transformations([
        transform('groupingToMatrix', {
          rowField: about.row,
          columnField: about.column,
          valueField: 'Value',
          emptyValue: 'null',
        }),
      ])
      .cellHeight(TableCellHeight.Sm)
      .cellOptions({ type: TableCellDisplayMode.ColorBackground })
      // The names of the rows, which are neither good nor bad.
      .overrideByFieldType('string', [
        { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.Auto } },
      ])
  );
}

function propertiesOf({ unit, levels, names, decimals }: Column): DynamicConfigValue[] {
  const coloured = [
    { id: 'thresholds', value: thresholdsOf(levels).build() },
    { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorBackground } },
  ];
  return [
    { id: 'unit', value: unit },
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    ...(levels === undefined ? [] : coloured),
    ...(names === undefined ? [] : [{ id: 'mappings', value: [mappingOf(names)] }]),
  ];
}

/** Prometheus' plugin calls the value of the only query otherwise than those of several. */
function valueOf(index: number, count: number): string {
  return count === 1 ? 'Value' : `Value #${refIdOf(index)}`;
}

/** All answers are of the same moment, which nobody needs to read in each row. */
function withoutTime(): DataTransformerConfig {
  return transform('filterFieldsByName', { include: { pattern: '(?!Time$).*' } });
}

function transform(id: string, options: object): DataTransformerConfig {
  return { id, options };
}
