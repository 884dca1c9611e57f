import {
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  type DashboardLinkBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { targetsOf, type Query } from '../query.ts';
import { describe, type About } from './about.ts';

/** Names of the lines that stand for a whole region; the panel draws them as a band. */
export const BAND = { low: 'region p10', middle: 'region median', high: 'region p90' } as const;

/** Name of the line from which on an alert fires. */
export const ALERT_LINE = 'alert threshold';

/** Values over time. */
export function lines(
  about: About & { readonly link?: DashboardLinkBuilder },
  queries: readonly Query[],
): PanelBuilder {
  const panel = describe(new PanelBuilder(), about)
    .targets(targetsOf(queries, 'range'))
    .min(0)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .lineWidth(1)
    .fillOpacity(5)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (about.levels !== undefined)
    panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
  if (about.link !== undefined) panel.dataLinks([about.link]);
  return drawBand(panel, queries);
}

/** Parts of a whole over time, on top of each other. */
export function stack(about: About, queries: readonly Query[]): PanelBuilder {
  return lines(about, queries)
    .fillOpacity(40)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
}

function drawBand(panel: PanelBuilder, queries: readonly Query[]): PanelBuilder {
  const names = new Set(queries.map(({ legend }) => legend));
  const gray = { mode: 'fixed', fixedColor: 'text' };
  if (names.has(BAND.high))
    panel
      .overrideByName(BAND.low, [
        { id: 'color', value: gray },
        { id: 'custom.lineWidth', value: 0 },
        { id: 'custom.fillOpacity', value: 0 },
      ])
      .overrideByName(BAND.high, [
        { id: 'color', value: gray },
        { id: 'custom.lineWidth', value: 0 },
        { id: 'custom.fillBelowTo', value: BAND.low },
        { id: 'custom.fillOpacity', value: 15 },
      ])
      .overrideByName(BAND.middle, [
        { id: 'color', value: gray },
        { id: 'custom.fillOpacity', value: 0 },
      ]);
  if (names.has(ALERT_LINE))
    panel.overrideByName(ALERT_LINE, [
      { id: 'color', value: { mode: 'fixed', fixedColor: 'red' } },
      { id: 'custom.fillOpacity', value: 0 },
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } },
    ]);
  return panel;
}
