import type { FailureKind } from './failure.ts';

/**
 * What one pass has to tell the next ones and no cloud can remember. It is written only when it changes, and a success
 * takes away what it says.
 */
export interface Memory extends FailureRecord {
  /** Sorted by probe id. */
  readonly unconfirmed: readonly UnconfirmedProbe[];
}

/** What has failed and not succeeded since. */
export interface FailureRecord {
  /** Sorted by hypervisor. */
  readonly creations: readonly CreationFailures[];
  readonly rollout: RolloutFailures | null;
}

/**
 * A probe that exists and that the list of peers doesn't name: it is new, or about to be deleted, or SOFT_DELETED. Where Nova
 * leaves out its cell nothing else tells that there is one.
 */
export interface UnconfirmedProbe {
  readonly hypervisor: string;
  readonly probeId: string;
  readonly serverId: string;
}

/** How often in a row no probe came up on a hypervisor. */
export interface CreationFailures {
  readonly hypervisor: string;
  /** What was to be made; with another revision the count begins anew. */
  readonly revision: string;
  readonly failures: number;
  /** Of the last failure. */
  readonly kind: FailureKind;
  /** When it failed last, in ISO 8601. */
  readonly at: string;
}

/** Outdated probes that couldn't be replaced since the last pass in which a probe of this revision came up, and in that pass. */
export interface RolloutFailures {
  readonly revision: string;
  /** How many of each kind, sorted by kind. */
  readonly failures: readonly { readonly kind: FailureKind; readonly count: number }[];
}

/** Nothing has failed. */
export const EMPTY_MEMORY: Memory = { creations: [], rollout: null, unconfirmed: [] };
