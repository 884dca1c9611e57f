import { setTimeout as delay } from 'node:timers/promises';
import { log } from '@temporalio/activity';
import { compareText } from '../domain/document.ts';
import type { UnconfirmedProbe } from '../domain/memory.ts';
import { ObjectStoreError } from '../objectstore/error.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { classify } from './failures.ts';
import { lookUpServers } from './lookUp.ts';
import { readMemory, startOf, writeMemory } from './memory.ts';

const PATIENCE_MS = 60_000;
const WRITE_AGAIN_MS = 500;

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

/**
 * Remembers at once what may exist unseen: a pass that ends before its time must not leave it to be made twice. S3 is given
 * a minute to answer, unless the pass is to end.
 */
export async function rememberUnconfirmed(
  deps: StepDeps,
  input: PassInput,
  unconfirmed: readonly UnconfirmedProbe[],
  signal: AbortSignal,
): Promise<void> {
  if (unconfirmed.length === 0) return;
  await changeUnconfirmed(deps, input, signal, (known) => [
    ...known,
    ...unconfirmed.map(({ hypervisor, probeId, serverId }) => ({ hypervisor, probeId, serverId })),
  ]);
}

/** As {@link rememberUnconfirmed}, for a step that fails or is cut off: it is that step's error that must be told. */
export async function rememberDespiteError(
  deps: StepDeps,
  input: PassInput,
  unconfirmed: readonly UnconfirmedProbe[],
  signal: AbortSignal,
): Promise<void> {
  try {
    await rememberUnconfirmed(deps, input, unconfirmed, signal);
  } catch (error) {
    log.warn('servers could not be remembered; from now on only lists tell of them', { error });
  }
}

/** Forgets servers that Nova says are gone. */
export async function forgetUnconfirmed(
  deps: StepDeps,
  input: PassInput,
  gone: readonly { readonly serverId: string }[],
  signal: AbortSignal,
): Promise<void> {
  if (gone.length === 0) return;
  const ids = new Set(gone.map(({ serverId }) => serverId));
  await changeUnconfirmed(deps, input, signal, (known) => known.filter(({ serverId }) => !ids.has(serverId)));
}

/** Slices of a pass are made side by side, and each writes when it is done. */
async function changeUnconfirmed(
  deps: StepDeps,
  input: PassInput,
  signal: AbortSignal,
  change: (known: readonly UnconfirmedProbe[]) => readonly UnconfirmedProbe[],
): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      const stored = await readMemory(deps);
      const unconfirmed = sortOnce(change(stored.memory.unconfirmed));
      // Failures are counted by another step, and this may be an older pass that hasn't heard yet that it was ended.
      const counted = stored.written ?? startOf(deps, stored, input);
      await writeMemory(deps, counted, stored, { ...stored.memory, unconfirmed });
      return;
    } catch (error) {
      if (!mayPass(error) || performance.now() >= deadlineMs) throw error;
      if (signal.aborted && !isOvertaken(error)) throw error;
    }
    await delay(Math.random() * WRITE_AGAIN_MS);
  }
}

function mayPass(error: unknown): boolean {
  return error instanceof ObjectStoreError && classify(error).terminal === null;
}

function isOvertaken(error: unknown): boolean {
  return error instanceof ObjectStoreError && error.code === 'preconditionFailed';
}

/** Each server once, sorted by probe id. */
function sortOnce(probes: readonly UnconfirmedProbe[]): readonly UnconfirmedProbe[] {
  const servers = new Map(probes.map((probe) => [probe.serverId, probe]));
  return [...servers.values()].toSorted(
    (a, b) => compareText(a.probeId, b.probeId) || compareText(a.serverId, b.serverId),
  );
}
