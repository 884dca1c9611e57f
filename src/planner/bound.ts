import type { Inventory } from '../domain/inventory.ts';
import { isBroken, type PlanEntry, type Replacement } from '../domain/plan.ts';
import { checkGuard, computeLimit } from './guard.ts';
import type { Policy } from './policy.ts';

/**
 * The entries in which only as many outdated probes go first as the guard lets pass beside all else. The others wait for a
 * later pass: a roll-out works meanwhile, so it needs no person, and takes away no more than any other plan.
 */
export function boundRollout(
  inventory: Inventory,
  entries: readonly PlanEntry[],
  policy: Policy,
): readonly PlanEntry[] {
  const max = computeLimit(policy.deletesMax, inventory.probes.length + inventory.unlisted.length);
  let bounded = entries.map((entry) => (goesFirst(entry) ? letWait(entry, max) : entry));
  for (const [place, entry] of entries.entries()) {
    if (!goesFirst(entry)) continue;
    const further = bounded.with(place, entry);
    if (checkGuard(inventory, further, policy).length > 0) break;
    bounded = further;
  }
  return bounded;
}

function goesFirst(entry: PlanEntry): entry is Replacement {
  return isBroken(entry) && entry.reason.code === 'outdated';
}

function letWait({ hypervisor, orphan, mark, probe, reason }: Replacement, max: number): PlanEntry {
  const text = `${reason.text}; waits for its turn: limits.deletesMax lets ${max} go first, together with what is removed`;
  const marked = mark === undefined ? {} : { mark };
  return { hypervisor, orphan, reason: { ...reason, text }, action: 'keep', probe, ...marked };
}
