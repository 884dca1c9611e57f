import type { LeftBehind } from '../domain/destruction.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { failure } from './failures.ts';
import { memoryKey } from './memory.ts';
import { observeProbes } from './observe.ts';
import { ordersKey } from './orders.ts';
import { compareTargets } from './publication/equality.ts';
import type { TargetsPublisher } from './publication/publisher.ts';
import { askReplicas } from './publication/replicas.ts';
import { readPeers } from './published.ts';

const LEFT_MAX = 50;

/** What is still there, and why; nothing, once the region has no document any more. */
export interface RemovedDocuments {
  readonly left: readonly LeftBehind[];
}

/**
 * Removes the documents of a region that has no probe any more: targets that every Prometheus has let go of, memory and
 * orders, and last the list of peers, by which the region is claimed. Absent is success. Agents of probes keep the last good list
 * for good, so it goes only when Nova lists no probe: one that a lost request has made would be nobody's.
 */
export async function removeDocuments(
  deps: StepDeps,
  _input: PassInput,
  signal: AbortSignal,
): Promise<RemovedDocuments> {
  const probes = await observeProbes(deps, signal);
  if (probes.length > 0) {
    const why = 'Nova lists it since the plan was made; destroy the region again';
    return { left: probes.slice(0, LEFT_MAX).map(({ name }) => ({ what: 'probe', name, why })) };
  }
  const left = await removeTargets(deps, signal);
  if (left.length > 0) return { left };
  await deps.artifacts.deleteObject(memoryKey(deps), signal);
  await deps.artifacts.deleteObject(ordersKey(deps), signal);
  const peers = await readPeers(deps);
  if (peers !== undefined && peers.document.peers.length > 0) {
    const message = `${deps.peersKey} in S3 isn't removed: it still names ${peers.document.peers.length} probes`;
    throw failure('conflict', message, { terminal: true });
  }
  await deps.peersStore.deleteObject(deps.peersKey, signal);
  return { left: [] };
}

/** A document goes when all who read it have let go of what was in it; what Prometheus hasn't seen empty, it keeps. */
async function removeTargets(deps: StepDeps, signal: AbortSignal): Promise<readonly LeftBehind[]> {
  const owner = { installation: deps.installation, region: deps.region };
  const { answers, silent } = await askReplicas(deps.publication, signal, ({ prometheus }, abort) =>
    compareTargets(prometheus, new Set(), owner, abort),
  );
  const reasons = new Map([
    ...silent.map(({ replica, difference }) => [replica, difference] as const),
    ...answers.flatMap(({ replica, value }) => (value === undefined ? [] : [[replica.name, value] as const])),
  ]);
  const read = Map.groupBy(deps.publication.replicas, ({ publisher }) => publisher);
  const left: LeftBehind[] = [];
  for (const [publisher, readers] of read) {
    const holding = readers.find(({ name }) => reasons.has(name));
    if (holding === undefined) await publisher.remove(signal);
    else left.push(describeHeld(publisher, holding.name, reasons.get(holding.name) ?? ''));
  }
  return left;
}

function describeHeld({ place }: TargetsPublisher, replica: string, difference: string): LeftBehind {
  const why = `it is empty and stays until Prometheus ${replica} has seen it so: ${difference}`;
  return { what: 'targets', name: place, why };
}
