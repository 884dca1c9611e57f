import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertRows } from '../alerts.ts';
import { createDashboard } from '../dashboard.ts';
import {
  datasourceVariable,
  hypervisorVariable,
  PROBES,
  regionVariable,
  worstVariable,
  zoneVariable,
} from '../variables.ts';
import { countPanels } from './counts.ts';
import { hypervisorCells, hypervisorRows } from './hypervisors.ts';
import { signalPanels } from './signals.ts';

/** How the virtual machines of a region feel: every hypervisor, the worst first. */
export function regionDashboard(): Dashboard {
  return createDashboard({
    name: 'region',
    title: 'Region',
    description: 'Every hypervisor of a region, the worst first, as a virtual machine on it feels.',
    from: 'now-1h',
    variables: [
      datasourceVariable(),
      regionVariable(PROBES.all),
      zoneVariable(PROBES.ofRegion),
      hypervisorVariable(PROBES.ofZones, { multi: true }),
      worstVariable([50, 100, 250, 500], 100),
    ],
    sections: [
      { title: 'How many', panels: countPanels() },
      { title: 'Hypervisors, the worst first', panels: [hypervisorCells(), hypervisorRows()] },
      { title: 'Signals: what is usual, and the five worst now', panels: signalPanels() },
      { title: 'Alerts', panels: [alertRows('region="$region"')] },
    ],
  });
}
