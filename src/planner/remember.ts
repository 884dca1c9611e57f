import { compareText } from '../domain/document.ts';
import type { FailureKind } from '../domain/failure.ts';
import type { CreationFailures, FailureRecord, RolloutFailures } from '../domain/memory.ts';
import type { Plan, PlanEntry } from '../domain/plan.ts';

/** What became of a new probe: `stands`, why it doesn't, or `untried` where its hypervisor has no part in that. */
export type CreationOutcome = 'stands' | 'untried' | FailureKind;

/** Kinds that tell about the project or the pass, not about one hypervisor or the probe's revision. */
const ELSEWHERE: ReadonlySet<CreationOutcome> = new Set<FailureKind>([
  'quotaExceeded',
  'unauthenticated',
  'forbidden',
  'rateLimited',
  'unavailable',
  'conflict',
]);

/**
 * What is to be remembered after a pass: failures in a row by hypervisor, and those of the roll-out by kind. Hypervisors
 * without an entry in the plan are forgotten.
 *
 * @param outcomes - by probe id; a new probe that is missing there is `untried`.
 * @param at - the time of the pass, in ISO 8601.
 */
export function computeMemory(
  before: FailureRecord,
  plan: Plan,
  outcomes: ReadonlyMap<string, CreationOutcome>,
  at: string,
): FailureRecord {
  const known = new Map(before.creations.map((creation) => [creation.hypervisor, creation]));
  const creations = plan.entries
    .filter(({ orphan }) => !orphan)
    .flatMap((entry) =>
      rememberCreation(known.get(entry.hypervisor), plan, entry, outcomeOf(entry, outcomes), at),
    )
    .toSorted((a, b) => compareText(a.hypervisor, b.hypervisor));
  return { creations, rollout: rememberRollout(before.rollout, plan, outcomes) };
}

function rememberCreation(
  before: CreationFailures | undefined,
  { revision }: Plan,
  { hypervisor }: PlanEntry,
  outcome: CreationOutcome,
  at: string,
): readonly CreationFailures[] {
  if (outcome === 'stands') return [];
  if (outcome === 'untried') return before === undefined ? [] : [before];
  const failures = before?.revision === revision ? before.failures + 1 : 1;
  return [{ hypervisor, revision, failures, kind: outcome, at }];
}

/**
 * A new probe that stands takes back what failed in earlier passes, but not what failed beside it: of a revision that comes
 * up on few hypervisors some would stand in every pass.
 */
function rememberRollout(
  before: RolloutFailures | null,
  plan: Plan,
  outcomes: ReadonlyMap<string, CreationOutcome>,
): RolloutFailures | null {
  const isProven = plan.entries.some((entry) => outcomeOf(entry, outcomes) === 'stands');
  const isSame = before?.revision === plan.revision;
  const counts = new Map(isSame && !isProven ? before.failures.map(({ kind, count }) => [kind, count]) : []);
  for (const entry of plan.entries) {
    const outcome = outcomeOf(entry, outcomes);
    if (outcome !== 'stands' && outcome !== 'untried' && entry.reason.code === 'outdated')
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  if (counts.size === 0) return null;
  const failures = [...counts].map(([kind, count]) => ({ kind, count }));
  return { revision: plan.revision, failures: failures.toSorted((a, b) => compareText(a.kind, b.kind)) };
}

function outcomeOf(entry: PlanEntry, outcomes: ReadonlyMap<string, CreationOutcome>): CreationOutcome {
  if (entry.action !== 'create' && entry.action !== 'replace') return 'untried';
  const outcome = outcomes.get(entry.create.probeId) ?? 'untried';
  return ELSEWHERE.has(outcome) ? 'untried' : outcome;
}
