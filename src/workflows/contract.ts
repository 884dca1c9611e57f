import type { FrozenPass, PassReport } from '../domain/pass.ts';

/** Names that people type: workflow types, queries, ids. They are public API. */
export const names = {
  reconcileRegion: 'reconcileRegion',
  reconcileRegionPass: 'reconcileRegionPass',
  verifyRegion: 'verifyRegion',
  preflightRegion: 'preflightRegion',
  orderRegion: 'orderRegion',
  lookAtHypervisor: 'lookAtHypervisor',
  /** The id of the one pass that a region may have at a time; the server's id uniqueness is the lock. */
  passWorkflowId: (region: string): string => `region/${region}`,
  /** The id under which a region's orders are written, one after the other; its newest run says what stands. */
  ordersWorkflowId: (region: string): string => `orders/${region}`,
  scheduleId: (region: string): string => `region/${region}`,
} as const;

/** What the name of a region looks like. */
export const REGION_NAME = /^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/;

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

/** The input of `lookAtHypervisor`. */
export interface HypervisorInput {
  readonly region: string;
  /** With or without the domain. */
  readonly hypervisor: string;
}

/** The input of `verifyRegion`. */
export interface VerifyInput {
  readonly region: string;
}

/** The input of `orderRegion`: small plain JSON that a person can type. What is wrong with it is said with the right form. */
export interface OrderInput {
  readonly region: string;
  /** Left out: tells what stands. */
  readonly order?: 'freeze' | 'unfreeze' | 'beginMaintenance' | 'endMaintenance';
  readonly by?: string;
  readonly reason?: string;
  /** A duration such as `4h`, or a time with its zone. */
  readonly until?: string;
  /** With or without the domain. */
  readonly hypervisor?: string;
}

/** What `reconcileRegion` ends with: the pass's report, who has frozen the region, or who already runs one. */
export type ReconcileResult =
  | PassReport
  | FrozenPass
  | {
      readonly region: string;
      readonly outcome: 'already running';
      readonly workflowId: string;
      readonly message: string;
    };
