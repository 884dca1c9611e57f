import { VisibilityMode, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  type DashboardLinkBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/statushistory';
import { targetsOf } from '../query.ts';
import { describe, type About } from './about.ts';

/** Few enough for a strip each to be as wide as a finger. */
const MOMENTS_MAX = 60;

/** A heat map: a coloured strip over time for each hypervisor of one query. */
export function strips(about: About & { readonly link: DashboardLinkBuilder }, expr: string): PanelBuilder {
  return describe(new PanelBuilder(), about)
    .targets(targetsOf([{ expr, legend: '{{hypervisor}}' }], 'range'))
    .maxDataPoints(MOMENTS_MAX)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .showValue(VisibilityMode.Never)
    .legend(new VizLegendOptionsBuilder().showLegend(false))
    .dataLinks([about.link]);
}
