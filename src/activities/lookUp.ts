import type { Probe } from '../domain/probe.ts';
import type { StepDeps } from './deps.ts';
import { classify, isClientError } from './failures.ts';
import { parseProbe } from './observe.ts';

/** How many servers a step of a pass asks Nova about by id; of the rest it doesn't know whether they exist. */
const LOOKUPS_MAX = 50;

/** What Nova says of a server by id: a probe, that it is `gone` or none of ours, or nothing that can be relied on. */
export type LookedUp = Probe | 'gone' | 'unknown';

/**
 * Asks about servers that a list leaves out. Nova leaves out a dead cell's servers with a 200, so only a 404 to the id itself
 * says that one is gone.
 */
export async function lookUpServers(
  deps: StepDeps,
  serverIds: readonly string[],
  signal: AbortSignal,
  lookupsMax = LOOKUPS_MAX,
): Promise<ReadonlyMap<string, LookedUp>> {
  const answers = new Map<string, LookedUp>();
  for (const [index, serverId] of serverIds.entries())
    answers.set(serverId, index < lookupsMax ? await lookUp(deps, serverId, signal) : 'unknown');
  return answers;
}

async function lookUp(deps: StepDeps, serverId: string, signal: AbortSignal): Promise<LookedUp> {
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
