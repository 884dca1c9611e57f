import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
  type AnnotationQuery,
  type Dashboard,
  type Panel,
  type VariableModel,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { linksFrom, UIDS, type DashboardName } from './links.ts';

/** Panels that answer one question, below its title. */
export interface Section {
  readonly title: string;
  readonly panels: readonly Builder<Panel>[];
}

/** What makes one dashboard. */
export interface DashboardParts {
  readonly name: DashboardName;
  readonly title: string;
  readonly description: string;
  /** What is shown at first, such as `now-1h`. */
  readonly from: string;
  readonly variables: readonly Builder<VariableModel>[];
  readonly sections: readonly Section[];
  readonly annotations?: readonly Builder<AnnotationQuery>[];
}

/** Puts a dashboard together: panels below their titles, in order, each with an id of its own. */
export function createDashboard(parts: DashboardParts): Dashboard {
  const { name, title, description, from, variables, sections, annotations = [] } = parts;
  const builder = new DashboardBuilder(`Innervisor / ${title}`)
    .uid(UIDS[name])
    .description(description)
    .tags(['innervisor'])
    .time({ from, to: 'now' })
    .refresh('1m')
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([...variables])
    .annotations([...annotations])
    .links([...linksFrom(name)]);
  for (const section of sections) {
    builder.withRow(new RowBuilder(section.title));
    for (const panel of section.panels) builder.withPanel(panel);
  }
  const dashboard = builder.build();
  for (const [index, panel] of (dashboard.panels ?? []).entries()) panel.id = index + 1;
  // The SDK puts links and annotations into a menu, where nobody looks for them; without a place they are at the top.
  for (const shown of [...(dashboard.links ?? []), ...(dashboard.annotations.list ?? [])])
    delete shown.placement;
  return dashboard;
}
