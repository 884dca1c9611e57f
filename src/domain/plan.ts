import type { NewProbe, ProbeRef } from './probe.ts';

/** What a pass does about one hypervisor or one probe without a place. */
export type PlanAction = 'create' | 'replace' | 'reboot' | 'delete' | 'keep' | 'defer' | 'none';

/** Why a probe is changed, kept or left out; stable words for filters and tests. */
export type ReasonCode =
  | 'missing'
  | 'asPlanned'
  | 'error'
  | 'misplaced'
  | 'outdated'
  | 'stopped'
  | 'stuckBuilding'
  | 'stuckDeleting'
  | 'softDeleted'
  | 'silent'
  | 'noAddress'
  | 'building'
  | 'deleting'
  | 'migrating'
  | 'unplaceable'
  | 'creationPaused'
  | 'unlisted'
  | 'duplicate'
  | 'hypervisorDown'
  | 'hypervisorGone'
  | 'retained'
  | 'retiring'
  | 'disabled'
  | 'maintenance'
  | 'inMaintenance'
  | 'bareMetal'
  | 'notIncluded'
  | 'excluded'
  | 'otherAggregate'
  | 'excludedAggregate'
  | 'otherAvailabilityZone'
  | 'destroyed';

/** A reason as code for machines and as a sentence for people. */
export interface Reason {
  readonly code: ReasonCode;
  readonly text: string;
}

interface EntryBase {
  readonly hypervisor: string;
  /** A probe beside the hypervisor's own entry: a duplicate, or one whose hypervisor is gone. */
  readonly orphan: boolean;
  readonly reason: Reason;
  /** Whether to write or clear the mark that remembers since when a probe has had a reason to go. */
  readonly mark?: 'retire' | 'unretire';
}

/** One line of a plan. */
export type PlanEntry = EntryBase &
  (
    | { readonly action: 'create'; readonly create: NewProbe }
    | {
        readonly action: 'replace';
        readonly create: NewProbe;
        readonly probe: ProbeRef;
        readonly order: ReplaceOrder;
        /** What becomes of it when Nova finds no room for the new probe beside the old one; `keep` where it isn't said. */
        readonly noRoom?: 'break-before-make' | 'keep';
      }
    | { readonly action: 'delete'; readonly probe: ProbeRef }
    | {
        readonly action: 'reboot';
        readonly probe: ProbeRef;
        /** When it was rebooted last, as far as the plan knew. */
        readonly rebootedAt: string | null;
      }
    | { readonly action: 'keep'; readonly probe: ProbeRef }
    | { readonly action: 'defer'; readonly probe: ProbeRef | null }
    | { readonly action: 'none' }
  );

/** An entry that replaces a probe by a new one. */
export type Replacement = Extract<PlanEntry, { readonly action: 'replace' }>;

/** Whether the new probe stands before the old one goes, or the old one makes room first. */
export type ReplaceOrder = 'make-before-break' | 'break-before-make';

/** Every hypervisor stands in it exactly once, and so does every orphan probe. */
export interface Plan {
  readonly installation: string;
  readonly region: string;
  readonly revision: string;
  /** Sorted by hypervisor; a hypervisor's own entry before its orphans. */
  readonly entries: readonly PlanEntry[];
  /** Why the guard holds this plan; empty when it may be carried out. */
  readonly held: readonly string[];
  /** Whether somebody has said that what runs on a hypervisor that is down is deleted all the same. */
  readonly forceDown?: true;
}

/** How many entries there are of each action. */
export type PlanCounts = Readonly<Record<Exclude<PlanAction, 'reboot'>, number>> & {
  /** Histories from before there were any have none. */
  readonly reboot?: number;
  readonly marks: number;
  /** Replacements of which the old probe goes first; histories from before there were any have none. */
  readonly breaks?: number;
};

/** Counts a plan's entries by action, and the marks to be written. */
export function countActions(plan: Plan): PlanCounts {
  const counts = {
    create: 0,
    replace: 0,
    reboot: 0,
    delete: 0,
    keep: 0,
    defer: 0,
    none: 0,
    marks: 0,
    breaks: 0,
  };
  for (const entry of plan.entries) {
    counts[entry.action] += 1;
    if (entry.mark !== undefined) counts.marks += 1;
    if (isBroken(entry)) counts.breaks += 1;
  }
  return counts;
}

/** Whether an entry's probe goes before the one that replaces it is made. */
export function isBroken(entry: PlanEntry): entry is Replacement & { readonly order: 'break-before-make' } {
  return entry.action === 'replace' && entry.order === 'break-before-make';
}

/**
 * The probes that a plan makes, in its order: all of them, those that need nothing to go first, or those
 * whose predecessors make room first.
 */
export function plannedProbes(plan: Plan, order?: ReplaceOrder): readonly NewProbe[] {
  return plan.entries.flatMap((entry) => {
    if (entry.action !== 'create' && entry.action !== 'replace') return [];
    const own: ReplaceOrder = isBroken(entry) ? 'break-before-make' : 'make-before-break';
    return order === undefined || order === own ? [entry.create] : [];
  });
}
