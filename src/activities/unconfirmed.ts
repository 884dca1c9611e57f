import { setTimeout as delay } from 'node:timers/promises';
import { log } from '@temporalio/activity';
import { compareText } from '../domain/document.ts';
import type { UnconfirmedProbe } from '../domain/memory.ts';
import { ObjectStoreError } from '../objectstore/error.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { lookUpServers } from './lookUp.ts';
import { readMemory, writeMemory } from './memory.ts';

/** Slices of a pass are made side by side, and each writes when it is done. */
const WRITES_MAX = 20;
const WRITE_AGAIN_MS = 250;

/**
 * The remembered servers of these probes that Nova doesn't say are gone, by probe id. One that answers to its id is among
 * them: later lists of this pass may leave it out too.
 */
export async function findUnconfirmed(
  deps: StepDeps,
  probes: readonly { readonly probeId: string }[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, UnconfirmedProbe>> {
  if (probes.length === 0) return new Map();
  const asked = new Set(probes.map(({ probeId }) => probeId));
  const { memory } = await readMemory(deps);
  const candidates = memory.unconfirmed.filter(({ probeId }) => asked.has(probeId));
  const ids = candidates.map(({ serverId }) => serverId);
  const answers = await lookUpServers(deps, ids, signal);
  return new Map(
    candidates
      .filter(({ serverId }) => answers.get(serverId) !== 'gone')
      .map((candidate) => [candidate.probeId, candidate]),
  );
}

/** Remembers at once what may exist unseen: a pass that ends before its time must not leave it to be made twice. */
export async function rememberUnconfirmed(
  deps: StepDeps,
  input: PassInput,
  unconfirmed: readonly UnconfirmedProbe[],
): Promise<void> {
  if (unconfirmed.length === 0) return;
  for (let left = WRITES_MAX; ; left -= 1) {
    const stored = await readMemory(deps);
    const merged = mergeUnconfirmed(stored.memory.unconfirmed, unconfirmed);
    try {
      await writeMemory(deps, input, stored, { ...stored.memory, unconfirmed: merged });
      return;
    } catch (error) {
      const isOvertaken = error instanceof ObjectStoreError && error.code === 'preconditionFailed';
      if (!isOvertaken || left === 1) throw error;
    }
    await delay(Math.random() * WRITE_AGAIN_MS);
  }
}

/** As {@link rememberUnconfirmed}, for a step that fails or is cut off: it is that step's error that must be told. */
export async function rememberDespiteError(
  deps: StepDeps,
  input: PassInput,
  unconfirmed: readonly UnconfirmedProbe[],
): Promise<void> {
  try {
    await rememberUnconfirmed(deps, input, unconfirmed);
  } catch (error) {
    log.warn('servers could not be remembered; from now on only lists tell of them', { error });
  }
}

/** Each server once, sorted by probe id. */
function mergeUnconfirmed(...known: readonly (readonly UnconfirmedProbe[])[]): readonly UnconfirmedProbe[] {
  const servers = new Map(
    known.flat().map(({ hypervisor, probeId, serverId }) => [serverId, { hypervisor, probeId, serverId }]),
  );
  return [...servers.values()].toSorted(
    (a, b) => compareText(a.probeId, b.probeId) || compareText(a.serverId, b.serverId),
  );
}
