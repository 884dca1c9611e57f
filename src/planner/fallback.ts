import { isBroken, type Plan, type PlanEntry, type Replacement } from '../domain/plan.ts';
import { computeLimit, isGuarded } from './guard.ts';
import type { Policy } from './policy.ts';
import { Turns } from './turns.ts';

/**
 * The plan as it goes on when Nova found no room for these new probes: where it says so, the old probe now goes first,
 * together with what the plan removes anyway for no more probes than the guard lets pass. The others wait for a later
 * pass, without that it is held against their hypervisors. Nothing else in it changes.
 */
export function computeFallback(
  plan: Plan,
  withoutRoom: ReadonlySet<string>,
  deletesMax: Policy['deletesMax'],
): Plan {
  const carriers = plan.entries.filter((entry) => 'probe' in entry && entry.probe !== null).length;
  const removals = plan.entries.filter(isGuarded).length;
  const turns = new Turns(Math.max(0, computeLimit(deletesMax, carriers) - removals));
  const entries = plan.entries.map((entry) =>
    mayBreak(entry) && withoutRoom.has(entry.create.probeId) ? breakFirst(entry, turns) : entry,
  );
  return { ...plan, entries };
}

function mayBreak(entry: PlanEntry): entry is Replacement {
  return entry.action === 'replace' && !isBroken(entry) && entry.noRoom === 'break-before-make';
}

function breakFirst(entry: Replacement, turns: Turns): PlanEntry {
  const broken = { ...entry, order: 'break-before-make' } as const;
  if (turns.take()) return broken;
  const { hypervisor, orphan, mark, probe } = entry;
  const text = `${entry.reason.text}; no room for two, and waits for its turn: limits.deletesMax lets ${turns.max} go first`;
  const reason = { code: 'unplaceable', text } as const;
  return { hypervisor, orphan, reason, action: 'defer', probe, ...(mark === undefined ? {} : { mark }) };
}
