import { isBroken, type Plan, type PlanEntry } from '../domain/plan.ts';

/**
 * The plan as it goes on when Nova found no room for these new probes: where it says so, the old probe
 * now goes first. Nothing else in it changes.
 */
export function computeFallback(plan: Plan, withoutRoom: ReadonlySet<string>): Plan {
  return { ...plan, entries: plan.entries.map((entry) => breakFirst(entry, withoutRoom)) };
}

function breakFirst(entry: PlanEntry, withoutRoom: ReadonlySet<string>): PlanEntry {
  const changes =
    entry.action === 'replace' &&
    !isBroken(entry) &&
    entry.noRoom === 'break-before-make' &&
    withoutRoom.has(entry.create.probeId);
  return changes ? { ...entry, order: 'break-before-make' } : entry;
}
