import type { AlertRule } from '../rule.ts';

const COMMON = { signal: 'orchestrator', dashboard: 'innervisor-orchestrator' } as const;

/** Whether passes are made, and whether they do what they should. Every worker says the same of a region. */
export const orchestratorAlerts: readonly AlertRule[] = [
  {
    ...COMMON,
    alert: 'InnervisorNoWorker',
    expr: '(count(up{job="innervisor-worker"} == 1) or vector(0)) == 0',
    for: '5m',
    severity: 'critical',
    scope: 'service',
    summary: 'No worker of Innervisor runs; no region is looked after',
    description:
      'Probes and their alerts go on. New hypervisors get no probe, and broken probes are not repaired.',
  },
  {
    ...COMMON,
    alert: 'InnervisorWorkerDown',
    expr: 'up{job="innervisor-worker"} == 0',
    for: '10m',
    severity: 'warning',
    scope: 'service',
    summary: "The worker of Innervisor at {{ $labels.instance }} doesn't answer",
    description: 'The others do its work while they can.',
  },
  {
    ...COMMON,
    alert: 'InnervisorWorkerNotReady',
    expr: 'innervisor_worker_ready == 0',
    for: '10m',
    severity: 'warning',
    scope: 'service',
    summary: "The worker of Innervisor at {{ $labels.instance }} runs and isn't ready",
    description: 'It has lost Temporal, or could not load its configuration. It goes on trying.',
  },
  {
    ...COMMON,
    alert: 'InnervisorNoGoodPass',
    // What is forgotten at the end of Temporal's retention counts as never. After a freeze the next pass has some time
    // to come.
    expr:
      'max by (region) (innervisor_last_good_pass_timestamp_seconds)\n' +
      '  < min by (region) (innervisor_pass_due_timestamp_seconds)\n' +
      'unless on (region) max by (region) (innervisor_guard_held) == 1\n' +
      'unless on (region) max by (region) (max_over_time(innervisor_region_frozen[2h])) == 1',
    for: '15m',
    severity: 'critical',
    scope: 'region',
    summary:
      'The last three passes over {{ $labels.region }} have failed or not run; its probes are no longer kept in step',
    description: 'Passes fail or are not started. What is there goes on being monitored.',
  },
  {
    ...COMMON,
    alert: 'InnervisorGuardHeld',
    expr: 'max by (region) (innervisor_guard_held) == 1',
    for: '5m',
    severity: 'warning',
    scope: 'region',
    summary:
      'The guard holds a plan for {{ $labels.region }}, and nothing is changed there until a person has looked',
    description: 'A pass wanted to remove more than the configured share of the probes.',
  },
  {
    ...COMMON,
    alert: 'InnervisorRegionDegraded',
    expr: 'max by (region) (innervisor_last_pass_outcome{outcome="degraded"}) == 1',
    for: '1h',
    severity: 'warning',
    scope: 'region',
    summary:
      "Passes over {{ $labels.region }} end degraded; some hypervisors there aren't watched, or not wholly",
    description: 'Passes go through, and some hypervisor or check failed in each for an hour.',
  },
  {
    ...COMMON,
    alert: 'InnervisorProbesMissing',
    expr: 'max by (region) (innervisor_probes{state="missing"}) > 0',
    for: '2h',
    severity: 'warning',
    scope: 'region',
    summary: '{{ $value }} hypervisors of {{ $labels.region }} should carry a probe and have none',
    description: 'Passes could not make them for two hours.',
  },
];
