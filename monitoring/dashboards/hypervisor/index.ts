import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { alertMarks, alertRows } from '../alerts.ts';
import { createDashboard } from '../dashboard.ts';
import { ONE } from '../signals.ts';
import {
  datasourceVariable,
  hypervisorVariable,
  PROBES,
  regionVariable,
  zoneVariable,
} from '../variables.ts';
import { columnRows, pairRows } from './links.ts';
import { probePanels } from './probe.ts';
import { signalPanels } from './signals.ts';
import { statePanels } from './state.ts';

/** All about one hypervisor: its signals before what is usual in its region, its links, and its probe. */
export function hypervisorDashboard(): Dashboard {
  return createDashboard({
    name: 'hypervisor',
    title: 'Hypervisor',
    description: 'One hypervisor: its signals before what is usual in its region, its links, and its probe.',
    from: 'now-3h',
    variables: [
      datasourceVariable(),
      regionVariable(PROBES.all),
      zoneVariable(PROBES.ofRegion),
      hypervisorVariable(PROBES.ofZones),
    ],
    annotations: [alertMarks(ONE)],
    sections: [
      { title: 'Probe, agent and exporters', panels: statePanels() },
      { title: 'Signals, before what is usual in the region', panels: signalPanels() },
      { title: 'Links', panels: [pairRows(), columnRows()] },
      { title: 'The probe itself', panels: probePanels() },
      { title: 'Alerts', panels: [alertRows(ONE)] },
    ],
  });
}
