import type { PassReport } from '../domain/pass.ts';

/** Names that people type: workflow types, queries, ids. They are public API. */
export const names = {
  reconcileRegion: 'reconcileRegion',
  reconcileRegionPass: 'reconcileRegionPass',
  verifyRegion: 'verifyRegion',
  preflightRegion: 'preflightRegion',
  /** The id of the one pass that a region may have at a time; the server's id uniqueness is the lock. */
  passWorkflowId: (region: string): string => `region/${region}`,
  scheduleId: (region: string): string => `region/${region}`,
} as const;

/** Keys in the memo of entries, passes and what schedules start: who and what they belong to. */
export const memoKeys = {
  installation: 'innervisor_installation',
  region: 'innervisor_region',
  startedBy: 'innervisor_started_by',
} as const;

/** The input of `reconcileRegion`: small plain JSON that a person can type. */
export interface ReconcileInput {
  readonly region: string;
  /** Stops after the plan; changes nothing. */
  readonly dryRun?: boolean;
}

/** The input of `verifyRegion`. */
export interface VerifyInput {
  readonly region: string;
}

/** What `reconcileRegion` ends with: the pass's report, or who already runs one. */
export type ReconcileResult =
  | PassReport
  | {
      readonly region: string;
      readonly outcome: 'already running';
      readonly workflowId: string;
      readonly message: string;
    };
