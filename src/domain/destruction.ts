import type { HypervisorFailure } from './failure.ts';
import type { ArtifactRef, PlanLine } from './pass.ts';
import type { PlanCounts } from './plan.ts';

/**
 * - `destroyed`: nothing of the region is left but its audit trail.
 * - `incomplete`: something is left, which `left` and `failures` name; run it again.
 * - `planned`: a dry run; nothing was changed.
 */
export type DestroyOutcome = 'destroyed' | 'incomplete' | 'planned';

/** Something of a region that wasn't removed. */
export interface LeftBehind {
  readonly what: 'probe' | 'targets' | 'silences';
  /** As people know it: a probe's name, a document's place. */
  readonly name: string;
  readonly why: string;
}

/** What stays on purpose: the plans and reports of passes, and of the destruction itself. */
export interface AuditTrail {
  /** Where its objects lie in the artifacts' bucket. */
  readonly prefix: string;
  /** For how long passes kept them. */
  readonly keepDays: number;
}

/** What a destruction removed and what it left; the result of the workflow, small enough to be read in the Web UI. */
export interface DestroyReport {
  readonly region: string;
  readonly pass: string;
  readonly outcome: DestroyOutcome;
  /** The first of what is left, without what `failures` tells. */
  readonly left: readonly LeftBehind[];
  /** Probes that couldn't be deleted. */
  readonly failures: readonly HypervisorFailure[];
  /** Probes that are left: their hypervisors are down, their deletes failed, or they appeared meanwhile. */
  readonly probesLeft: number;
  readonly deleted: number;
  /** Documents that it removes: targets, the list of peers, the memory; in a dry run, those that are there. */
  readonly documents: readonly string[];
  /** Silences of the region that are in force: in a dry run those of now, else those that are left. */
  readonly silences: number;
  readonly plan: PlanCounts;
  /** The first changes of the plan; all of them are in the artifact. */
  readonly changes: readonly PlanLine[];
  readonly kept: AuditTrail;
  readonly artifacts: { readonly inventory: ArtifactRef; readonly plan: ArtifactRef };
}
