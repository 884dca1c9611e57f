import type { Plan, PlanEntry } from './plan.ts';
import type { Sha256 } from './identity.ts';

const HASH_LENGTH = 12;

/** What a person said of a plan that the guard holds, or that nobody said anything in time. */
export interface Decision {
  readonly kind: 'approved' | 'rejected' | 'expired';
  /** The hash of the plan that was decided upon. */
  readonly plan: string;
  /** Who said so, as they call themselves; `null` where they don't. */
  readonly by: string | null;
}

/**
 * Names what a plan would change, in 12 hex digits that a person can type: an approval holds for this and nothing
 * else. Two plans that change the same have the same, whenever they were made.
 */
export function computePlanHash(plan: Plan, sha256: Sha256): string {
  const changes = plan.entries.flatMap(describeChange);
  const said = JSON.stringify([plan.installation, plan.region, plan.revision, plan.held, changes]);
  return sha256(said).slice(0, HASH_LENGTH);
}

function describeChange(entry: PlanEntry): readonly (readonly (string | null)[])[] {
  const { hypervisor, action, mark = null } = entry;
  if (action === 'keep' || action === 'defer' || action === 'none')
    return mark === null ? [] : [[hypervisor, action, mark]];
  const goes = action === 'create' ? null : entry.probe.serverId;
  const comes = action === 'delete' || action === 'reboot' ? null : entry.create.probeId;
  return [[hypervisor, action, mark, goes, comes, action === 'replace' ? entry.order : null]];
}
