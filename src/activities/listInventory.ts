import type { Peer } from '../domain/document.ts';
import type { Inventory } from '../domain/inventory.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import type { Probe } from '../domain/probe.ts';
import { putArtifact } from './artifacts.ts';
import type { PassInput, StepDeps, WaitSettings } from './deps.ts';
import { observeExporters } from './exporters.ts';
import { failure, isClientError, classify } from './failures.ts';
import { readMemory } from './memory.ts';
import { observeHypervisors, observeProbes, parseProbe } from './observe.ts';
import { resolveProbeSpec } from './probeSpec.ts';
import { askReplicas } from './publication/replicas.ts';
import { readPeers } from './published.ts';

/** How many missing probes one pass asks Nova about; the rest stay published until a later one. */
const LOOKUPS_MAX = 50;

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
}

/**
 * Step 1: lists hypervisors, services and our probes, and makes sure that S3, Prometheus and Alertmanager
 * answer, so that a pass that can't be finished isn't begun. Changes nothing in the cloud.
 */
export async function listInventory(
  deps: StepDeps,
  _input: PassInput,
  signal: AbortSignal,
): Promise<ListedInventory> {
  const published = await readPeers(deps);
  const { memory, isMalformed } = await readMemory(deps);
  await Promise.all([
    askReplicas(deps.publication, signal, async ({ prometheus, publisher }, abort) => {
      await Promise.all([publisher.check(abort), prometheus.queryInstant('vector(1)', abort)]);
    }),
    deps.alertmanager.getStatus(signal),
  ]);
  const [listed, spec] = await Promise.all([observeProbes(deps, signal), resolveProbeSpec(deps, signal)]);
  const hypervisors = await observeHypervisors(deps, listed, signal);
  if (hypervisors.length === 0) {
    const message = `Nova lists no hypervisors in region ${deps.region}; check the role of the credentials and openstack.regionName`;
    throw failure('emptyListing', message, { terminal: true });
  }
  const peers = published?.document.peers ?? [];
  const { found, unlisted } = await lookUpMissing(deps, peers, listed, signal);
  const probes = [...listed, ...found];
  const exporters = await observeExporters(deps, probes, signal);
  const inventory: Inventory = {
    installation: deps.installation,
    region: deps.region,
    hypervisors,
    probes,
    unlisted,
    published: peers,
    revision: spec.revision,
    ...(exporters === undefined ? {} : { exporters }),
    memory,
  };
  return {
    inventory: await putArtifact(deps, 'inventory', inventory),
    hypervisors: hypervisors.length,
    probes: inventory.probes.length,
    unlisted: unlisted.length,
    wait: deps.wait,
    memory: isMalformed ? 'malformed' : 'kept',
  };
}

/** Nova leaves out a dead cell's servers with a 200: what was published is gone only after a 404 of its own. */
async function lookUpMissing(
  deps: StepDeps,
  peers: readonly Peer[],
  listed: readonly Probe[],
  signal: AbortSignal,
): Promise<{ readonly found: readonly Probe[]; readonly unlisted: readonly Peer[] }> {
  const present = new Set(listed.map((probe) => probe.serverId));
  const found: Probe[] = [];
  const unlisted: Peer[] = [];
  for (const [index, peer] of peers.filter(({ server_id }) => !present.has(server_id)).entries()) {
    if (index >= LOOKUPS_MAX) {
      unlisted.push(peer);
      continue;
    }
    const answer = await lookUp(deps, peer.server_id, signal);
    if (answer === 'unknown') unlisted.push(peer);
    else if (answer !== 'gone') found.push(answer);
  }
  return { found, unlisted };
}

async function lookUp(
  deps: StepDeps,
  serverId: string,
  signal: AbortSignal,
): Promise<Probe | 'gone' | 'unknown'> {
  try {
    const server = await deps.openstack.compute.getServer(serverId, signal);
    // A server of a cell that doesn't answer is shown as UNKNOWN, without its mark.
    if (server?.status === 'UNKNOWN') return 'unknown';
    return server === undefined ? 'gone' : (parseProbe(server, deps) ?? 'gone');
  } catch (error) {
    if (isClientError(error) && classify(error).terminal === null) return 'unknown';
    throw error;
  }
}
