import type { PlanLine } from './pass.ts';
import { isBroken, type Plan } from './plan.ts';

/** A line for each entry that changes something, and for what a hypervisor that is down puts off; in the plan's order. */
export function describeChanges(plan: Plan): readonly PlanLine[] {
  return plan.entries
    .filter((entry) => !['keep', 'none'].includes(entry.action) || entry.mark !== undefined)
    .map((entry) => ({
      hypervisor: entry.hypervisor,
      action: entry.action,
      reason: isBroken(entry) ? `${entry.reason.text}; the old one goes first` : entry.reason.text,
    }));
}
