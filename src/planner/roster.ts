import { compareText, type PublishedProbe } from '../domain/document.ts';
import type { Hypervisor } from '../domain/hypervisor.ts';
import type { Inventory } from '../domain/inventory.ts';
import { isBroken, type Plan, type PlanEntry } from '../domain/plan.ts';
import type { Probe, ProbeRef } from '../domain/probe.ts';
import { listLastAddresses } from './lastAddresses.ts';
import { madeFor, unlistedRef } from './unlisted.ts';

/** What a roster is computed from. */
export interface RosterInput {
  readonly plan: Pick<Plan, 'entries'>;
  /** The hypervisors of the pass, and what was published and isn't confirmed to be gone. */
  readonly inventory: Inventory;
  /** Our probes as Nova lists them now. */
  readonly probes: readonly Probe[];
  /** New probes that proved themselves, so that the ones that they replace are let go of. */
  readonly proven: ReadonlySet<string>;
  /** New probes that stand but don't answer; they are removed again. */
  readonly unproven: ReadonlySet<string>;
}

/**
 * The probes that Prometheus and the peers are to know: what exists, has an address, or had one when it was published, and
 * isn't about to be removed. A replaced probe stays in until its successor is proven, unless it has to make room first.
 */
export function computeRoster({
  plan,
  inventory,
  probes,
  proven,
  unproven,
}: RosterInput): readonly PublishedProbe[] {
  const leaving = new Set(listLeaving(plan, proven).map(({ serverId }) => serverId));
  const byServiceHost = new Map(
    inventory.hypervisors.map((hypervisor) => [hypervisor.serviceHost, hypervisor]),
  );
  const listed = new Set(probes.map((probe) => probe.probeId));
  const lastAddresses = listLastAddresses(inventory.published, probes);
  const standing = probes
    .filter((probe) => !leaving.has(probe.serverId) && !unproven.has(probe.probeId))
    .flatMap((probe) =>
      publishedProbe(probe, probe.address ?? lastAddresses.get(probe.serverId), byServiceHost),
    );
  const single = [...Map.groupBy(standing, ({ probeId }) => probeId).values()].flatMap((twins) =>
    twins.toSorted(betterFirst(plan, inventory)).slice(0, 1),
  );
  const unlisted = inventory.unlisted
    .filter((peer) => !listed.has(peer.probe_id))
    .map((peer) => ({
      probeId: peer.probe_id,
      serverId: peer.server_id,
      name: unlistedRef(peer).name,
      address: peer.address,
      hypervisor: peer.hypervisor,
      madeFor: madeFor(peer),
      availabilityZone: peer.availability_zone,
      displaced: peer.made_for !== undefined,
    }));
  return [...single, ...unlisted];
}

/**
 * Of two servers of one probe the one that the plan takes for its hypervisor's, and then the one that is published: both
 * stay while nothing can be removed there, and agents refuse a list in which a probe stands twice.
 */
function betterFirst(
  { entries }: Pick<Plan, 'entries'>,
  { published }: Inventory,
): (a: PublishedProbe, b: PublishedProbe) => number {
  const spare = new Set(
    entries.flatMap((entry) => ('probe' in entry && entry.orphan ? [entry.probe?.serverId] : [])),
  );
  const known = new Set(published.map(({ server_id }) => server_id));
  const rank = ({ serverId }: PublishedProbe): number =>
    2 * Number(spare.has(serverId)) - Number(known.has(serverId));
  return (a, b) => rank(a) - rank(b) || compareText(a.serverId, b.serverId);
}

/** A probe that a pass lets go of. */
export interface LeavingProbe extends ProbeRef {
  readonly hypervisor: string;
  /**
   * Whether another server with the same probe id stays (a create whose answer was lost can make twins):
   * then silences and targets of that id belong to the one that stays.
   */
  readonly hasTwin: boolean;
  /** Whether a successor has taken its place, or is to be made when it is gone. */
  readonly isReplaced: boolean;
  /** Whether it goes before its successor is made. */
  readonly isBroken: boolean;
}

/** What a pass lets go of: removals and what makes room at once, other replaced probes when their successor is proven. */
export function listLeaving(
  plan: Pick<Plan, 'entries'>,
  proven: ReadonlySet<string>,
): readonly LeavingProbe[] {
  const isLeaving = (entry: PlanEntry): boolean =>
    entry.action === 'delete' ||
    isBroken(entry) ||
    (entry.action === 'replace' && proven.has(entry.create.probeId));
  const refs = plan.entries.flatMap((entry) =>
    'probe' in entry && entry.probe !== null ? [{ entry, probe: entry.probe }] : [],
  );
  const staying = new Set(refs.filter(({ entry }) => !isLeaving(entry)).map(({ probe }) => probe.probeId));
  return refs
    .filter(({ entry }) => isLeaving(entry))
    .map(({ entry, probe }) => ({
      ...probe,
      hypervisor: entry.hypervisor,
      hasTwin: staying.has(probe.probeId),
      isReplaced: entry.action === 'replace',
      isBroken: isBroken(entry),
    }));
}

const PUBLISHABLE: ReadonlySet<Probe['phase']> = new Set(['active', 'migrating', 'stopped', 'error']);

function publishedProbe(
  probe: Probe,
  address: string | undefined,
  byServiceHost: ReadonlyMap<string, Hypervisor>,
): readonly PublishedProbe[] {
  const current = probe.host === null ? undefined : byServiceHost.get(probe.host);
  if (address === undefined || probe.host === null || !PUBLISHABLE.has(probe.phase)) return [];
  const hypervisor = current?.hostname ?? probe.hypervisor;
  return [
    {
      probeId: probe.probeId,
      serverId: probe.serverId,
      name: probe.name,
      address,
      hypervisor,
      madeFor: probe.hypervisor,
      availabilityZone: current?.availabilityZone ?? null,
      displaced: hypervisor !== probe.hypervisor || probe.phase === 'migrating',
    },
  ];
}
