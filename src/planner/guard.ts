import type { Inventory } from '../domain/inventory.ts';
import { isBroken, type PlanEntry } from '../domain/plan.ts';
import type { Policy } from './policy.ts';
import { computeRoster } from './roster.ts';

const DELETES_ALWAYS_ALLOWED = 2;

/**
 * Why a plan must not be carried out without a person's approval: it removes, or stops publishing, more
 * than the configured share, or it follows a listing that is sharply shorter than what is monitored.
 */
export function checkGuard(
  inventory: Inventory,
  entries: readonly PlanEntry[],
  policy: Policy,
): readonly string[] {
  const findings: string[] = [];
  const removals = entries.filter(isGuarded);
  const broken = removals.filter(isBroken).length;
  const total = inventory.probes.length + inventory.unlisted.length;
  const deletesMax = computeLimit(policy.deletesMax, total);
  if (removals.length > deletesMax) {
    const first = broken === 0 ? '' : `, ${broken} of them before their successors are made`;
    findings.push(
      `deletes ${removals.length} of ${total} probes${first}; limits.deletesMax allows ${deletesMax}`,
    );
  }

  const before = new Set(inventory.published.map((peer) => peer.hypervisor));
  const monitored = listMonitored(inventory, entries).union(listDeleted(inventory));
  const lost = before.difference(monitored).size;
  const lostMax = computeLimit(policy.deletesMax, before.size);
  if (lost > lostMax) {
    findings.push(
      `stops publishing ${lost} of ${before.size} hypervisors; limits.deletesMax allows ${lostMax}`,
    );
  }

  const carriers = before.union(new Set(inventory.probes.map((probe) => probe.hypervisor))).size;
  if (inventory.hypervisors.length * 2 < carriers) {
    findings.push(
      `Nova lists ${inventory.hypervisors.length} hypervisors, fewer than half of the ${carriers} that have probes`,
    );
  }
  return findings;
}

/**
 * Whether an entry takes away a probe before another one stands in its place. Of a duplicate the better probe stays, and
 * an interrupted roll-out may leave many, so those aren't counted.
 */
export function isGuarded(entry: PlanEntry): boolean {
  const { action, reason } = entry;
  return action === 'delete' ? reason.code !== 'duplicate' : isBroken(entry);
}

/** How many of so many probes one pass may touch without a person's approval. */
export function computeLimit(limit: Policy['deletesMax'], total: number): number {
  if (limit.kind === 'count') return limit.count;
  return Math.max(DELETES_ALWAYS_ALLOWED, Math.floor((total * limit.percent) / 100));
}

/**
 * The hypervisors that a plan leaves with a published probe: those of which the roster has one, wherever it runs now, and
 * those that get a new one.
 */
function listMonitored(inventory: Inventory, entries: readonly PlanEntry[]): ReadonlySet<string> {
  const none: ReadonlySet<string> = new Set();
  const { probes, published } = inventory;
  const roster = computeRoster({ plan: { entries }, inventory, probes, proven: none, unproven: none });
  const staying = new Set(roster.map(({ serverId }) => serverId));
  return new Set([
    ...roster.map(({ hypervisor }) => hypervisor),
    ...published.filter(({ server_id }) => staying.has(server_id)).map(({ hypervisor }) => hypervisor),
    ...entries
      .filter((entry) => (entry.action === 'create' || entry.action === 'replace') && !isGuarded(entry))
      .map(({ hypervisor }) => hypervisor),
  ]);
}

/** The hypervisors of probes that somebody deletes: those go whatever the plan says, and a later one makes new ones. */
function listDeleted({ probes }: Inventory): ReadonlySet<string> {
  const deleted = probes.filter(({ phase }) => phase === 'deleting' || phase === 'softDeleted');
  return new Set(deleted.map(({ hypervisor }) => hypervisor));
}
