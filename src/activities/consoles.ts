import { trimConsole } from '../domain/consoleTail.ts';
import { OpenStackError } from '../openstack/error.ts';
import type { StepDeps } from './deps.ts';
import { observeProbes } from './observe.ts';

/**
 * Enough to see whether all hypervisors that fail tell the same. Up to four steps of a pass take so many tails of at most
 * 4 kB each, so that a report stays below the 256 kB from which Temporal warns of a payload.
 */
const CONSOLES_MAX = 10;
const LINES_ASKED = 60;
/** A host that doesn't answer lets Nova wait for a minute. */
const TIMEOUT_MS = 5_000;

/** What the first of these probes printed last, by probe id; those of which Nova has nothing are left out. */
export async function readConsoles(
  deps: StepDeps,
  probes: readonly { readonly probeId: string; readonly serverId: string; readonly host: string | null }[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  // Without a host it was never started.
  const started = probes.filter(({ host }) => host !== null).slice(0, CONSOLES_MAX);
  const tails = await Promise.all(started.map(({ serverId }) => readConsole(deps, serverId, signal)));
  return new Map(
    started.flatMap(({ probeId }, index) => {
      const tail = tails[index] ?? '';
      return tail === '' ? [] : [[probeId, tail] as const];
    }),
  );
}

/** The same for probes that are known by id only. */
export async function readConsolesOf(
  deps: StepDeps,
  probeIds: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  if (probeIds.size === 0) return new Map();
  const probes = await observeProbes(deps, signal);
  return await readConsoles(
    deps,
    probes.filter(({ probeId }) => probeIds.has(probeId)),
    signal,
  );
}

/** It only helps to understand a failure, so that it must not be one itself. */
async function readConsole(
  { openstack: { compute } }: StepDeps,
  serverId: string,
  signal: AbortSignal,
): Promise<string> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    return trimConsole(
      await compute.getConsoleTail(serverId, LINES_ASKED, AbortSignal.any([signal, timeout])),
    );
  } catch (error) {
    if (signal.aborted || !(error instanceof OpenStackError || timeout.aborted)) throw error;
    return '';
  }
}
