import { agentAlerts } from './alerts/agent.ts';
import { diskAlerts } from './alerts/disk.ts';
import { meshAlerts } from './alerts/mesh.ts';
import { orchestratorAlerts } from './alerts/orchestrator.ts';
import { probeAlerts } from './alerts/probe.ts';
import { prometheusAlerts } from './alerts/prometheus.ts';
import { publicAlerts } from './alerts/public.ts';
import { stealAlerts } from './alerts/steal.ts';
import { agentRecording } from './recording/agent.ts';
import { bandRecording } from './recording/bands.ts';
import { blameRules } from './recording/blame.ts';
import { diskLimits, diskRecording } from './recording/disk.ts';
import { meshOverview, pairRecording } from './recording/mesh.ts';
import { probeRecording } from './recording/probe.ts';
import { publicLimit, publicRecording } from './recording/public.ts';
import { stealLimit, stealRecording } from './recording/steal.ts';
import { strainRecording } from './recording/strain.ts';
import type { RuleGroup } from './rule.ts';

const LIMITS = [...stealLimit, ...diskLimits, ...publicLimit];

/** The rules about probes, signal by signal; thresholds come before them. */
export const PROBE_GROUPS: readonly RuleGroup[] = [
  { name: 'innervisor-probe', recording: probeRecording, alerts: probeAlerts },
  { name: 'innervisor-agent', recording: agentRecording, alerts: agentAlerts },
  { name: 'innervisor-steal', recording: stealRecording, alerts: stealAlerts },
  { name: 'innervisor-disk', recording: diskRecording, alerts: diskAlerts },
  {
    name: 'innervisor-mesh',
    recording: [...pairRecording, ...blameRules('lossy'), ...blameRules('slow')],
    alerts: meshAlerts,
  },
  { name: 'innervisor-mesh-overview', interval: '30s', recording: meshOverview, alerts: [] },
  { name: 'innervisor-public', recording: publicRecording, alerts: publicAlerts },
  { name: 'innervisor-limits', interval: '1m', recording: LIMITS, alerts: [] },
  { name: 'innervisor-strain', recording: strainRecording, alerts: [] },
  { name: 'innervisor-bands', interval: '30s', recording: bandRecording, alerts: [] },
  { name: 'innervisor-prometheus', recording: [], alerts: prometheusAlerts },
];

/** The rules about Innervisor's workers, for the Prometheus that scrapes them. */
export const WORKER_GROUPS: readonly RuleGroup[] = [
  { name: 'innervisor-worker', recording: [], alerts: orchestratorAlerts },
];
