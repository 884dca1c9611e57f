import type { Finding } from './finding.ts';
import type { PlanLine } from './pass.ts';
import type { PlanCounts } from './plan.ts';

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

/** A published document that doesn't say what exists. */
export interface DocumentDifference {
  readonly document: 'peers' | 'targets';
  /** Of which Prometheus: host and port. */
  readonly replica?: string;
  readonly difference: string;
}

/**
 * Whether all is right in a region now; the result of the workflow, small enough to be read in the Web UI.
 *
 * - `converged`: everything is as planned, published and answers.
 * - `drifted`: what exists answers and is published, but a pass would change something.
 * - `degraded`: a check failed, a document differs, or a hypervisor is left alone because creations fail there.
 */
export interface RegionVerification {
  readonly region: string;
  readonly outcome: 'converged' | 'drifted' | 'degraded';
  readonly hypervisors: number;
  readonly selected: number;
  readonly deferred: number;
  /** What a pass would do, and the first of its changes. */
  readonly plan: PlanCounts;
  readonly changes: readonly PlanLine[];
  /** Why the guard would hold it. */
  readonly held: readonly string[];
  readonly findings: readonly Finding[];
  readonly generation: number | null;
  readonly differences: readonly DocumentDifference[];
  readonly verified: number;
  readonly failed: number;
  readonly pending: number;
  /** The first of those that failed. */
  readonly failedChecks: readonly CheckResult[];
}
