import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { hypervisorDashboard } from './hypervisor/index.ts';
import { meshDashboard } from './mesh/index.ts';
import { orchestratorDashboard } from './orchestrator/index.ts';
import { regionDashboard } from './region/index.ts';

/** One dashboard as Grafana reads it from a file. */
export interface RenderedDashboard {
  /** Also the name of its file, without `.json`. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly json: string;
}

/** All dashboards, in the order in which people come to them. */
export function renderDashboards(): readonly RenderedDashboard[] {
  return [regionDashboard(), hypervisorDashboard(), meshDashboard(), orchestratorDashboard()].map(render);
}

function render(dashboard: Dashboard): RenderedDashboard {
  const { uid = '', title = '', description = '' } = dashboard;
  return { uid, title, description, json: `${JSON.stringify(dashboard, null, 2)}\n` };
}
