import { renderDashboards } from '../../../monitoring/dashboards/index.ts';

/** What the tests look at in a panel. */
export interface ShownPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly ShownTarget[];
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly datasource?: { readonly uid: string };
}

/** What the tests look at in a query. */
export interface ShownTarget {
  readonly refId: string;
  readonly expr: string;
  readonly range?: boolean;
  readonly instant?: boolean;
  readonly legendFormat?: string;
}

/** A dashboard as Grafana reads it. */
export interface ShownDashboard {
  readonly uid: string;
  readonly title: string;
  readonly panels: readonly ShownPanel[];
  readonly templating: {
    readonly list: readonly {
      readonly name: string;
      readonly type: string;
      readonly query: string | { readonly query: string };
    }[];
  };
  readonly annotations: { readonly list?: readonly { readonly expr?: string; readonly name: string }[] };
  readonly links: readonly { readonly url: string }[];
}

/** One expression that Prometheus is asked, and where it stands. */
export interface Question {
  /** `uid / title of the panel / refId`. */
  readonly place: string;
  readonly expr: string;
  readonly isRange: boolean;
}

/** All dashboards as they are read from their files. */
export function readDashboards(): readonly ShownDashboard[] {
  return renderDashboards().map(({ json }) => JSON.parse(json) as ShownDashboard);
}

/** Every expression of a dashboard's panels and annotations, with the variables still in it. */
export function questionsOf({ uid, panels, annotations }: ShownDashboard): readonly Question[] {
  const ofPanels = panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ refId, expr, range = false }) => ({
      place: `${uid} / ${title} / ${refId}`,
      expr,
      isRange: range,
    })),
  );
  const ofAnnotations = (annotations.list ?? []).map(({ name, expr = '' }) => ({
    place: `${uid} / annotation ${name}`,
    expr,
    isRange: true,
  }));
  return [...ofPanels, ...ofAnnotations];
}

/** The question behind a variable: the values of a label among some series. */
export function labelValuesOf(query: string): { readonly series: string; readonly label: string } {
  const [, series = '', label = ''] = /^label_values\((.+), ([a-z_]+)\)$/.exec(query) ?? [];
  return { series, label };
}

/** Puts values for variables as Grafana does; what it is not given stays as it stands. */
export function substitute(expr: string, values: Readonly<Record<string, string>>): string {
  return expr.replaceAll(/\$(\w+)/g, (whole, name: string) => values[name] ?? whole);
}
