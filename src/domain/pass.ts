import type { Decision } from './approval.ts';
import type { Boot } from './boot.ts';
import type { HypervisorFailure } from './failure.ts';
import type { Finding } from './finding.ts';
import type { Freeze } from './orders.ts';
import type { PlanCounts } from './plan.ts';
import type { CheckResult, ProbeCounts } from './verification.ts';

/**
 * - `converged`: everything that has room is as planned and verified.
 * - `degraded`: done, but a hypervisor failed, now or again and again, or a check did.
 * - `held`: the guard holds the plan, and nobody has approved it; nothing was changed.
 * - `planned`: a dry run; nothing was changed.
 * - `frozen`: somebody has frozen the region; nothing was changed, nor even looked at.
 */
export type PassOutcome = 'converged' | 'degraded' | 'held' | 'planned' | 'frozen';

/** A stored object of a pass, by reference: documents don't travel through histories. */
export interface ArtifactRef {
  readonly key: string;
  readonly sha256: string;
  readonly bytes: number;
}

/** A Prometheus that hasn't the published targets, while another one has. */
export interface ReplicaDifference {
  /** Host and port. */
  readonly replica: string;
  readonly difference: string;
}

/** One line of a plan for people. */
export interface PlanLine {
  readonly hypervisor: string;
  readonly action: string;
  readonly reason: string;
}

/** What a pass did; the result of the workflow, small enough to be read in the Web UI. */
export interface PassReport {
  readonly region: string;
  readonly pass: string;
  readonly outcome: Exclude<PassOutcome, 'frozen'>;
  readonly hypervisors: number;
  readonly selected: number;
  readonly deferred: number;
  readonly plan: PlanCounts;
  /** The first changes of the plan; all of them are in the artifact. */
  readonly changes: readonly PlanLine[];
  readonly held: readonly string[];
  /** What an approval has to name while the plan is held; older workers leave it out. */
  readonly planHash?: string;
  /** What became of a held plan. */
  readonly decision?: Decision;
  /** Of a dry run over a region in which a pass would change nothing, because somebody has frozen it. */
  readonly frozen?: Freeze;
  readonly created: number;
  readonly replaced: number;
  readonly deleted: number;
  /** Silent probes that were rebooted; older workers leave it out. */
  readonly rebooted?: number;
  readonly kept: number;
  readonly verified: number;
  /** How the region's probes are at the end; older workers leave it out, and so does a pass that verifies nothing. */
  readonly probes?: ProbeCounts;
  readonly generation: number | null;
  readonly failures: readonly HypervisorFailure[];
  /** What is no failure, but should be known; older workers leave it out. */
  readonly findings?: readonly Finding[];
  readonly failedChecks: readonly CheckResult[];
  /** Replicas that haven't the targets that were published last, where not all have to; left out if there are none. */
  readonly unequalReplicas?: readonly ReplicaDifference[];
  /** How the slowest probes of this pass came up; all of them are in the artifact `boots`. Older workers leave it out. */
  readonly slowestBoots?: readonly Boot[];
  readonly artifacts: {
    readonly inventory: ArtifactRef;
    readonly plan: ArtifactRef;
    readonly boots: ArtifactRef | null;
    /** Which hypervisors should carry a probe; older workers leave it out. */
    readonly expected?: ArtifactRef;
  };
}

/** What comes of a pass over a region that somebody has frozen. */
export interface FrozenPass {
  readonly region: string;
  readonly pass: string;
  readonly outcome: 'frozen';
  readonly frozen: Freeze;
  /** The same as a sentence, with how to lift it. */
  readonly message: string;
}
