import { computePeers, type PublishedProbe } from '../domain/document.ts';
import type { Inventory } from '../domain/inventory.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import type { Plan } from '../domain/plan.ts';
import { computeTargets } from '../domain/target.ts';
import { computeRoster } from '../planner/roster.ts';
import { madeFor } from '../planner/unlisted.ts';
import { getArtifact, putArtifact } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { observeProbes } from './observe.ts';
import { readProof } from './proven.ts';
import { rememberUnconfirmed } from './unconfirmed.ts';

/** What a document is built from. */
export interface DocumentInput extends PassInput {
  readonly plan: ArtifactRef;
  readonly inventory: ArtifactRef;
  readonly proof: ArtifactRef | null;
  /** Whether the cloud has changed since the inventory, so that it must be listed again. */
  readonly changed: boolean;
}

/** A document by reference and how many probes stand in it. */
export interface BuiltDocument {
  readonly document: ArtifactRef;
  readonly probes: number;
}

/** Step 6: the targets for Prometheus. */
export async function buildTargets(
  deps: StepDeps,
  input: DocumentInput,
  signal: AbortSignal,
): Promise<BuiltDocument> {
  const { roster } = await observeRoster(deps, input, signal);
  return {
    document: await putArtifact(deps, 'targets', computeTargets(roster, deps.targets, deps.installation)),
    probes: roster.length,
  };
}

/**
 * Step 7: the peers, still without generation and signature. What there is and they don't name is remembered until it is gone:
 * Nova may leave out its cell before it is deleted, or keep it SOFT_DELETED, with its room.
 */
export async function buildPeers(
  deps: StepDeps,
  input: DocumentInput,
  signal: AbortSignal,
): Promise<BuiltDocument> {
  const { roster, inventory } = await observeRoster(deps, input, signal);
  const named = new Set(roster.map(({ serverId }) => serverId));
  const unlisted = inventory.unlisted.map((peer) => ({
    hypervisor: madeFor(peer),
    probeId: peer.probe_id,
    serverId: peer.server_id,
  }));
  const unnamed = [...inventory.probes, ...unlisted].filter(({ serverId }) => !named.has(serverId));
  await rememberUnconfirmed(deps, input, unnamed, signal);
  return { document: await putArtifact(deps, 'peers', computePeers(roster)), probes: roster.length };
}

async function observeRoster(
  deps: StepDeps,
  input: DocumentInput,
  signal: AbortSignal,
): Promise<{ readonly roster: readonly PublishedProbe[]; readonly inventory: Inventory }> {
  const [plan, inventory, proof] = await Promise.all([
    getArtifact<Plan>(deps, input.plan),
    getArtifact<Inventory>(deps, input.inventory),
    readProof(deps, input.proof),
  ]);
  const probes = input.changed ? await observeProbes(deps, signal) : inventory.probes;
  return { roster: computeRoster({ plan, inventory, probes, ...proof }), inventory };
}
