import type { PublishedProbe } from '../domain/document.ts';
import type { Hypervisor } from '../domain/hypervisor.ts';
import type { Inventory } from '../domain/inventory.ts';
import type { Plan } from '../domain/plan.ts';
import type { Probe } from '../domain/probe.ts';

/** What a roster is computed from. */
export interface RosterInput {
  readonly plan: Plan;
  /** The hypervisors of the pass, and what was published and isn't confirmed to be gone. */
  readonly inventory: Inventory;
  /** Our probes as Nova lists them now. */
  readonly probes: readonly Probe[];
  /** New probes that proved themselves, so that the ones that they replace are let go of. */
  readonly proven: ReadonlySet<string>;
}

/**
 * The probes that Prometheus and the peers are to know: what exists, has an address and isn't about to be
 * removed. A replaced probe stays in until its successor is proven.
 */
export function computeRoster({ plan, inventory, probes, proven }: RosterInput): readonly PublishedProbe[] {
  const leaving = leavingProbes(plan, proven);
  const byServiceHost = new Map(
    inventory.hypervisors.map((hypervisor) => [hypervisor.serviceHost, hypervisor]),
  );
  const listed = new Set(probes.map((probe) => probe.probeId));
  const standing = probes
    .filter((probe) => !leaving.has(probe.serverId))
    .flatMap((probe) => publishedProbe(probe, byServiceHost));
  const unlisted = inventory.unlisted
    .filter((peer) => !listed.has(peer.probe_id))
    .map((peer) => ({
      probeId: peer.probe_id,
      serverId: peer.server_id,
      name: peer.probe_id,
      address: peer.address,
      hypervisor: peer.hypervisor,
      availabilityZone: peer.availability_zone,
      displaced: false,
    }));
  return [...standing, ...unlisted];
}

/** Server ids that a pass lets go of: removals at once, replaced ones when their successor is proven. */
export function leavingProbes(plan: Plan, proven: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(
    plan.entries.flatMap((entry) => {
      if (entry.action === 'delete') return [entry.probe.serverId];
      if (entry.action === 'replace' && proven.has(entry.create.probeId)) return [entry.probe.serverId];
      return [];
    }),
  );
}

const PUBLISHABLE: ReadonlySet<Probe['phase']> = new Set(['active', 'migrating', 'stopped', 'error']);

function publishedProbe(
  probe: Probe,
  byServiceHost: ReadonlyMap<string, Hypervisor>,
): readonly PublishedProbe[] {
  const current = probe.host === null ? undefined : byServiceHost.get(probe.host);
  if (probe.address === null || probe.host === null || !PUBLISHABLE.has(probe.phase)) return [];
  const hypervisor = current?.hostname ?? probe.hypervisor;
  return [
    {
      probeId: probe.probeId,
      serverId: probe.serverId,
      name: probe.name,
      address: probe.address,
      hypervisor,
      availabilityZone: current?.availabilityZone ?? null,
      displaced: hypervisor !== probe.hypervisor || probe.phase === 'migrating',
    },
  ];
}
