import type { Inventory } from '../domain/inventory.ts';
import { computeInForce, type Freeze } from '../domain/orders.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import { putArtifact } from './artifacts.ts';
import type { PassInput, StepDeps, WaitSettings } from './deps.ts';
import { observeExporters } from './exporters.ts';
import { readMemory } from './memory.ts';
import { observeHypervisors, observeProbes } from './observe.ts';
import { askMonitoring, lookUpMissing, refuseEmpty } from './observeRegion.ts';
import { readOrders } from './orders.ts';
import { resolveProbeSpec } from './probeSpec.ts';
import { readPeers } from './published.ts';

/** What the list step found, small enough for the history. */
export interface ListedInventory {
  readonly inventory: ArtifactRef;
  readonly hypervisors: number;
  readonly probes: number;
  readonly unlisted: number;
  /** The region's own limits, from which the workflow derives the timeouts of the later steps. */
  readonly wait: WaitSettings;
  /** Whether there is a memory to be kept, or one to be written anew; older workers leave it out. */
  readonly memory?: 'kept' | 'malformed';
  /** How many servers the memory holds; what has become of them is to be remembered. */
  readonly unconfirmed?: number;
  /** Left out where nobody has frozen the region, and by older workers. */
  readonly frozen?: Freeze;
}

/** All that is said of a frozen region to a pass that would change it. */
export interface FrozenListing {
  readonly frozen: Freeze;
  readonly inventory?: undefined;
}

/** What the list step is given. */
export interface ListInput extends PassInput {
  /** Asks for a {@link FrozenListing} where the region is frozen; older workers leave it out. */
  readonly stopIfFrozen?: true;
}

/**
 * Step 1: lists hypervisors, services and our probes, and makes sure that S3, Prometheus and Alertmanager
 * answer, so that a pass that can't be finished isn't begun. Changes nothing in the cloud. Of a frozen region nothing but
 * the orders is looked at, since it may be frozen because nothing answers there.
 */
export async function listInventory(
  deps: StepDeps,
  { stopIfFrozen }: ListInput,
  signal: AbortSignal,
): Promise<ListedInventory | FrozenListing> {
  const { orders } = await readOrders(deps);
  const { frozen, maintenance } = computeInForce(orders, deps.now());
  if (frozen !== null && stopIfFrozen === true) return { frozen };
  await askMonitoring(deps, signal);
  const [listed, spec] = await Promise.all([observeProbes(deps, signal), resolveProbeSpec(deps, signal)]);
  const hypervisors = await observeHypervisors(deps, listed, signal);
  // After the lists, and the peers last: what is made or published meanwhile, by a step that hasn't heard yet that its pass was
  // ended, is found in one of the three.
  const {
    memory: { unconfirmed: made, ...memory },
    isMalformed,
  } = await readMemory(deps);
  const published = await readPeers(deps);
  const peers = published?.document.peers ?? [];
  // Where there are probes it is the guard that holds the plan, for a person to see what it would cost.
  if (listed.length === 0 && peers.length === 0) refuseEmpty(deps, hypervisors);
  const { found, unlisted, unconfirmed } = await lookUpMissing(deps, { peers, made }, listed, signal);
  const probes = [...listed, ...found];
  const exporters = await observeExporters(deps, probes, signal);
  const inventory: Inventory = {
    installation: deps.installation,
    region: deps.region,
    hypervisors,
    probes,
    unlisted,
    unconfirmed,
    published: peers,
    revision: spec.revision,
    ...(exporters === undefined ? {} : { exporters }),
    memory,
    ...(maintenance.length === 0 ? {} : { maintenance }),
  };
  return {
    inventory: await putArtifact(deps, 'inventory', inventory),
    hypervisors: hypervisors.length,
    probes: inventory.probes.length,
    unlisted: unlisted.length,
    wait: deps.wait,
    memory: isMalformed ? 'malformed' : 'kept',
    unconfirmed: made.length,
    ...(frozen === null ? {} : { frozen }),
  };
}
