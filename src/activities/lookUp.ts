import type { Probe } from '../domain/probe.ts';
import type { StepDeps } from './deps.ts';
import { classify, isClientError } from './failures.ts';
import { parseProbe } from './observe.ts';

/** How many servers Nova is asked about at a time. */
const TOGETHER_MAX = 50;
/**
 * After so many answers other than that a server was deleted no more are asked for: of a cell that doesn't answer, or a list that
 * lies, every pass would ask about all servers anew.
 */
const KEPT_MAX = 50;
/** Where a cell hangs each answer may take as long as a request; the step has to go on without them, for the other cells. */
const BUDGET_MS = 60_000;

/** What Nova says of a server by id: a probe, that it is `gone` or none of ours, or nothing that can be relied on. */
export type LookedUp = Probe | 'gone' | 'unknown';

/**
 * Asks about servers that a list leaves out. Nova leaves out a dead cell's servers with a 200, so only a 404 to the id itself
 * says that one is gone. Of those that aren't asked about, or not in time, it is `unknown`.
 */
export async function lookUpServers(
  deps: StepDeps,
  serverIds: readonly string[],
  signal: AbortSignal,
  budgetMs = BUDGET_MS,
): Promise<ReadonlyMap<string, LookedUp>> {
  const budget = AbortSignal.timeout(budgetMs);
  const answers = new Map<string, LookedUp>(serverIds.map((serverId) => [serverId, 'unknown']));
  let kept = 0;
  for (let from = 0; from < serverIds.length && kept < KEPT_MAX && !budget.aborted; from += TOGETHER_MAX) {
    const together = serverIds.slice(from, from + TOGETHER_MAX).map(async (serverId) => {
      const answer = await lookUp(deps, serverId, signal, budget);
      answers.set(serverId, answer);
      if (isKept(answer)) kept += 1;
    });
    await Promise.all(together);
  }
  return answers;
}

/** One that was deleted, and that Nova keeps for a while, goes for good when a pass sees it. */
function isKept(answer: LookedUp): boolean {
  return typeof answer === 'string' ? answer === 'unknown' : answer.phase !== 'softDeleted';
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
