import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { createDashboard } from '../dashboard.ts';
import { datasourceVariable, regionVariable } from '../variables.ts';
import { apiPanels } from './apis.ts';
import { passPanels } from './passes.ts';
import { workerPanels } from './workers.ts';

/** Whether Innervisor itself does its work: passes, probes, the cloud's APIs and its own workers. */
export function orchestratorDashboard(): Dashboard {
  return createDashboard({
    name: 'orchestrator',
    title: 'Orchestrator',
    description: 'Whether Innervisor itself works: its passes, the APIs that it asks, and its workers.',
    from: 'now-6h',
    variables: [
      datasourceVariable(),
      regionVariable('innervisor_pass_due_timestamp_seconds', { multi: true }),
    ],
    sections: [
      { title: 'Passes', panels: passPanels() },
      { title: 'The APIs of cloud, Prometheus, Alertmanager and S3', panels: apiPanels() },
      { title: 'Workers', panels: workerPanels() },
    ],
  });
}
