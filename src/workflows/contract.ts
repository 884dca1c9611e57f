import type { Description } from '../activities/describeInstallation.ts';
import type { DestroyReport } from '../domain/destruction.ts';
import type { FrozenPass, PassReport } from '../domain/pass.ts';

/** Names that people type: workflow types, queries, ids. They are public API. */
export const names = {
  reconcileRegion: 'reconcileRegion',
  reconcileRegionPass: 'reconcileRegionPass',
  destroyRegion: 'destroyRegion',
  destroyRegionPass: 'destroyRegionPass',
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

/** What a pass asks its worker for lists that show it, and which is no step of what it does. */
export const NO_STEP = 'describeInstallation' satisfies keyof Description;

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

/** The input of `destroyRegion`. */
export interface DestroyInput {
  readonly region: string;
  /** The name of the region once more; not needed for a dry run. */
  readonly confirm?: string;
  /** Stops after the plan; changes nothing. */
  readonly dryRun?: boolean;
  /** Also deletes probes on hypervisors that are down, whose guests may live on. */
  readonly forceDown?: boolean;
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

/** What an entry ends with when something is under way in its region. */
export interface AlreadyRunning {
  readonly region: string;
  readonly outcome: 'already running';
  readonly workflowId: string;
  readonly message: string;
}

/** What `reconcileRegion` ends with: the pass's report, who has frozen the region, or who already runs one. */
export type ReconcileResult = PassReport | FrozenPass | AlreadyRunning;

/** What `destroyRegion` ends with. */
export type DestroyResult = DestroyReport | AlreadyRunning;
