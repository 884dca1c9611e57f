import type { Reason } from './plan.ts';

/**
 * - `selected`: must carry a probe.
 * - `deferred`: enabled but down: nothing is made or removed there.
 * - `retained`: disabled, yet a probe that exists stays.
 * - `retiring`: a probe that exists goes, once two passes in a row have seen it so.
 * - `excluded`: configuration or somebody's order leaves it out; a probe that exists goes.
 */
export type SelectionDecision = 'selected' | 'deferred' | 'retained' | 'retiring' | 'excluded';

/** What is decided about one hypervisor, and why. */
export interface SelectionEntry {
  readonly hypervisor: string;
  readonly decision: SelectionDecision;
  readonly reason: Reason;
}

/** Every listed hypervisor exactly once, in the inventory's order. */
export type Selection = readonly SelectionEntry[];
