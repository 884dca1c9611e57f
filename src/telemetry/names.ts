/** One metric of a worker, as it is exposed and documented. */
export interface MetricName {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
}

/** Every metric of a worker's own; those of Temporal's SDK and of Node stand beside them. */
export const METRICS = {
  lastGoodPass: {
    name: 'innervisor_last_good_pass_timestamp_seconds',
    type: 'gauge',
    help: 'When the last pass ended that went through to the verification (converged or degraded); 0 if none is known.',
    labels: ['region'],
  },
  lastPass: {
    name: 'innervisor_last_pass_timestamp_seconds',
    type: 'gauge',
    help: 'When the last pass of each outcome ended; no series for an outcome of which no pass is known.',
    labels: ['region', 'outcome'],
  },
  lastOutcome: {
    name: 'innervisor_last_pass_outcome',
    type: 'gauge',
    help: '1 for the outcome of the last pass that was no dry run.',
    labels: ['region', 'outcome'],
  },
  passes: {
    name: 'innervisor_passes_total',
    type: 'counter',
    help: 'Passes of the whole region that ended since this worker started, whichever worker ran them.',
    labels: ['region', 'outcome'],
  },
  passRunning: {
    name: 'innervisor_pass_running',
    type: 'gauge',
    help: 'Whether a pass runs now.',
    labels: ['region'],
  },
  guardHeld: {
    name: 'innervisor_guard_held',
    type: 'gauge',
    help: 'Whether the guard holds a plan: one waits for approval now, or the last pass ended without one.',
    labels: ['region'],
  },
  regionFrozen: {
    name: 'innervisor_region_frozen',
    type: 'gauge',
    help: 'Whether somebody has frozen the region, as the last pass found it; until its end, if it has one.',
    labels: ['region'],
  },
  probes: {
    name: 'innervisor_probes',
    type: 'gauge',
    help: 'Probes by state after the last pass that verified them; missing are hypervisors that should have one.',
    labels: ['region', 'state'],
  },
  passDue: {
    name: 'innervisor_pass_due_timestamp_seconds',
    type: 'gauge',
    help: 'When the third last pass was due by the schedule: with no good pass since then, three were missed.',
    labels: ['region'],
  },
  passesRead: {
    name: 'innervisor_passes_read_timestamp_seconds',
    type: 'gauge',
    help: 'When what is said of passes and probes of the region was read from Temporal; 0 before the first time.',
    labels: ['region'],
  },
  probeExpected: {
    name: 'innervisor_probe_expected',
    type: 'gauge',
    help: '1 for each hypervisor that should carry a probe, by the last good pass.',
    labels: ['region', 'availability_zone', 'hypervisor'],
  },
  probeExpectedRead: {
    name: 'innervisor_probe_expected_read_timestamp_seconds',
    type: 'gauge',
    help: 'When the list of them was last known to be that of the last good pass; 0 before the first time.',
    labels: ['region'],
  },
  ready: {
    name: 'innervisor_worker_ready',
    type: 'gauge',
    help: 'Whether this worker is ready, as /readyz says.',
    labels: [],
  },
  steps: {
    name: 'innervisor_steps_total',
    type: 'counter',
    help: 'Attempts of steps that ended in this worker.',
    labels: ['region', 'step', 'result'],
  },
  apiRequests: {
    name: 'innervisor_api_requests_total',
    type: 'counter',
    help: 'Requests of this worker by what was answered; code is none where no answer came.',
    labels: ['region', 'service', 'operation', 'code'],
  },
  apiDuration: {
    name: 'innervisor_api_request_duration_seconds',
    type: 'histogram',
    help: 'How long the requests of this worker took, from sending to the end of the answer.',
    labels: ['region', 'service'],
  },
} as const satisfies Readonly<Record<string, MetricName>>;
