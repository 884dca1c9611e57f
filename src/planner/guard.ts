import type { Inventory } from '../domain/inventory.ts';
import type { PlanEntry } from '../domain/plan.ts';
import type { Policy } from './policy.ts';

const DELETES_ALWAYS_ALLOWED = 2;

/**
 * Why a plan must not be carried out without a person's approval: it removes, or stops publishing, more
 * than the configured share, or it follows a listing that is sharply shorter than what is monitored.
 *
 * A duplicate isn't counted: its hypervisor keeps the better probe, and an interrupted roll-out may leave many.
 */
export function checkGuard(
  inventory: Inventory,
  entries: readonly PlanEntry[],
  policy: Policy,
): readonly string[] {
  const findings: string[] = [];
  const deletes = entries.filter(
    ({ action, reason }) => action === 'delete' && reason.code !== 'duplicate',
  ).length;
  const total = inventory.probes.length + inventory.unlisted.length;
  const deletesMax = computeLimit(policy.deletesMax, total);
  if (deletes > deletesMax) {
    findings.push(`deletes ${deletes} of ${total} probes; limits.deletesMax allows ${deletesMax}`);
  }

  const before = new Set(inventory.published.map((peer) => peer.hypervisor));
  const after = new Set(entries.filter(staysPublished).map((entry) => entry.hypervisor));
  const lost = [...before].filter((hypervisor) => !after.has(hypervisor)).length;
  const lostMax = computeLimit(policy.deletesMax, before.size);
  if (lost > lostMax) {
    findings.push(
      `stops publishing ${lost} of ${before.size} hypervisors; limits.deletesMax allows ${lostMax}`,
    );
  }

  const carriers = new Set([...before, ...inventory.probes.map((probe) => probe.hypervisor)]).size;
  if (inventory.hypervisors.length * 2 < carriers) {
    findings.push(
      `Nova lists ${inventory.hypervisors.length} hypervisors, fewer than half of the ${carriers} that have probes`,
    );
  }
  return findings;
}

/** How many of so many probes one pass may touch without a person's approval. */
export function computeLimit(limit: Policy['deletesMax'], total: number): number {
  if (limit.kind === 'count') return limit.count;
  return Math.max(DELETES_ALWAYS_ALLOWED, Math.floor((total * limit.percent) / 100));
}

function staysPublished(entry: PlanEntry): boolean {
  switch (entry.action) {
    case 'create':
    case 'replace':
    case 'keep':
    case 'reboot':
      return true;
    case 'defer':
      return entry.probe !== null;
    case 'delete':
    case 'none':
      return false;
  }
}
