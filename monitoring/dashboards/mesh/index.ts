import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { createDashboard } from '../dashboard.ts';
import {
  datasourceVariable,
  hypervisorVariable,
  PROBES,
  regionVariable,
  worstVariable,
  zoneVariable,
} from '../variables.ts';
import { hypervisorPanels } from './hypervisors.ts';
import { pairPanels } from './pairs.ts';
import { zonePanels } from './zones.ts';

/** Who pings whom, and how well: by zones, by hypervisors, by pairs. */
export function meshDashboard(): Dashboard {
  return createDashboard({
    name: 'mesh',
    title: 'Mesh',
    description: 'The network between the hypervisors of a region: by zones, by hypervisors, by pairs.',
    from: 'now-1h',
    variables: [
      datasourceVariable(),
      regionVariable(PROBES.all),
      zoneVariable(PROBES.ofRegion),
      hypervisorVariable(PROBES.ofZones, { multi: true }),
      worstVariable([20, 50, 100], 50),
    ],
    sections: [
      { title: 'Zones: from each row to each column', panels: zonePanels() },
      { title: 'Hypervisors: their rows and their columns', panels: hypervisorPanels() },
      { title: 'Pairs that are bad', panels: pairPanels() },
    ],
  });
}
