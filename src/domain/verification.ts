/** What is tested about a probe at the end of a pass. */
export type CheckName = 'server' | 'scraped' | 'series' | 'peersPulled';

/** `pending`: not yet due; `skipped`: can't be expected to hold, such as on a hypervisor that is down. */
export type CheckStatus = 'ok' | 'pending' | 'skipped' | 'failed';

/**
 * How many probes a region has of each state after a pass: with every check passed or not yet due, with a failed one,
 * not to be expected to answer (their hypervisor is down), and hypervisors that should carry one and have none.
 */
export interface ProbeCounts {
  readonly verified: number;
  readonly failed: number;
  readonly skipped: number;
  readonly missing: number;
}

/** The result of one check on one probe. */
export interface CheckResult {
  readonly probeId: string;
  readonly hypervisor: string;
  readonly check: CheckName;
  readonly status: CheckStatus;
  readonly detail: string;
  /** What the probe printed last, of the first few new or rebooted ones; anybody's text. */
  readonly console?: string;
}
