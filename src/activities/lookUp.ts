import type { Probe } from '../domain/probe.ts';
import type { StepDeps } from './deps.ts';
import { classify, isClientError } from './failures.ts';
import { parseProbe } from './observe.ts';

/** How many servers a step of a pass asks Nova about by id. */
const LOOKUPS_MAX = 50;
/** Where a cell hangs each answer may take as long as a request; the step has to go on without them, for the other cells. */
const BUDGET_MS = 60_000;

/** How many servers are asked about, and for how long; of the rest it isn't known whether they exist. */
export interface LookUpLimits {
  readonly lookupsMax?: number;
  readonly budgetMs?: number;
}

/** What Nova says of a server by id: a probe, that it is `gone` or none of ours, or nothing that can be relied on. */
export type LookedUp = Probe | 'gone' | 'unknown';

/**
 * Asks about servers that a list leaves out, about all at once. Nova leaves out a dead cell's servers with a 200, so only a
 * 404 to the id itself says that one is gone.
 */
export async function lookUpServers(
  deps: StepDeps,
  serverIds: readonly string[],
  signal: AbortSignal,
  { lookupsMax = LOOKUPS_MAX, budgetMs = BUDGET_MS }: LookUpLimits = {},
): Promise<ReadonlyMap<string, LookedUp>> {
  const budget = AbortSignal.timeout(budgetMs);
  const answers = serverIds.map(async (serverId, index): Promise<[string, LookedUp]> => {
    return [serverId, index < lookupsMax ? await lookUp(deps, serverId, signal, budget) : 'unknown'];
  });
  return new Map(await Promise.all(answers));
}

async function lookUp(
  deps: StepDeps,
  serverId: string,
  signal: AbortSignal,
  budget: AbortSignal,
): Promise<LookedUp> {
  try {
    const server = await deps.openstack.compute.getServer(serverId, AbortSignal.any([signal, budget]));
    // A server of a cell that doesn't answer is shown as UNKNOWN, without its mark.
    if (server?.status === 'UNKNOWN') return 'unknown';
    return server === undefined ? 'gone' : (parseProbe(server, deps) ?? 'gone');
  } catch (error) {
    signal.throwIfAborted();
    if (budget.aborted || (isClientError(error) && classify(error).terminal === null)) return 'unknown';
    throw error;
  }
}
