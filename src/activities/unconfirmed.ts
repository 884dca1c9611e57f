import { compareText } from '../domain/document.ts';
import type { UnconfirmedProbe } from '../domain/memory.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import type { NewProbe } from '../domain/probe.ts';
import { getArtifact } from './artifacts.ts';
import type { AcceptedProbe } from './createProbes.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { lookUpServers } from './lookUp.ts';
import { readMemory, writeMemory } from './memory.ts';

/** By probe id, the servers that Nova named; those whose answer was lost are not among them. */
export async function readAccepted(
  deps: StepDeps,
  accepted: readonly ArtifactRef[],
): Promise<ReadonlyMap<string, string>> {
  const slices = await Promise.all(accepted.map((ref) => getArtifact<readonly AcceptedProbe[]>(deps, ref)));
  return new Map(slices.flat().map(({ probeId, serverId }) => [probeId, serverId]));
}

/**
 * Of new probes that were never listed, those that Nova accepted and doesn't say are gone; sorted by probe id. One that
 * answers to its id is among them: later lists of this pass may leave it out too.
 */
export async function findUnconfirmed(
  deps: StepDeps,
  unseen: readonly NewProbe[],
  servers: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<readonly UnconfirmedProbe[]> {
  const candidates = unseen.flatMap(({ hypervisor, probeId }) => {
    const serverId = servers.get(probeId);
    return serverId === undefined ? [] : [{ hypervisor, probeId, serverId }];
  });
  const ids = candidates.map(({ serverId }) => serverId);
  const answers = await lookUpServers(deps, ids, signal);
  return candidates
    .filter(({ serverId }) => answers.get(serverId) !== 'gone')
    .toSorted((a, b) => compareText(a.probeId, b.probeId));
}

/** Remembers at once what may exist unseen: a pass that ends before its time must not leave it to be made twice. */
export async function rememberUnconfirmed(
  deps: StepDeps,
  input: PassInput,
  unconfirmed: readonly UnconfirmedProbe[],
): Promise<void> {
  if (unconfirmed.length === 0) return;
  const stored = await readMemory(deps);
  const merged = mergeUnconfirmed(stored.memory.unconfirmed, unconfirmed);
  await writeMemory(deps, input, stored, { ...stored.memory, unconfirmed: merged });
}

/** Each server once, sorted by probe id. */
export function mergeUnconfirmed(
  ...known: readonly (readonly UnconfirmedProbe[])[]
): readonly UnconfirmedProbe[] {
  const servers = new Map(known.flat().map((probe) => [probe.serverId, probe]));
  return [...servers.values()].toSorted(
    (a, b) => compareText(a.probeId, b.probeId) || compareText(a.serverId, b.serverId),
  );
}
