import { WorkflowFailedError, type Client } from '@temporalio/client';
import type { FrozenPass, PassReport } from '../domain/pass.ts';
import type { ReconcileResult } from '../workflows/contract.ts';
import { describeError } from './describeError.ts';
import { exitCodes, type ExitCode } from './errors.ts';
import { openBoard } from './pass/board.ts';
import { openGate } from './pass/held.ts';
import { startPass } from './pass/start.ts';
import { followEntry } from './pass/wait.ts';
import { describeNewest, watchPass } from './pass/watch.ts';
import { isChange } from './render/plan.ts';

/** How passes are run and followed. */
export interface Run {
  /** The task queue of a region. */
  readonly queueOf: (region: string) => string;
  readonly dryRun: boolean;
  readonly approves: boolean;
}

/** A pass that somebody else has started. */
export interface Joined {
  /** By Temporal's clock. */
  readonly startedMs: number;
  readonly report: PassReport | FrozenPass;
}

/** Passes that are followed together. */
export interface Running {
  /** Starts a pass and follows it to its end. */
  pass(region: string): Promise<ReconcileResult>;
  /** Follows the pass that somebody else has started to its end; `undefined` where none runs or it ends without a report. */
  join(region: string): Promise<Joined | undefined>;
  close(): void;
}

/**
 * Prepares to run passes and to show on stderr how they go on. Ctrl-C detaches: the command ends, the passes go on.
 */
export function openRun(client: Client, { queueOf, dryRun, approves }: Run): Running {
  const board = openBoard(process.stderr);
  const started = new Map<string, string>();
  const detach = (): void => {
    board.close();
    for (const [region, workflowId] of started)
      console.error(
        `detached; the pass goes on as ${workflowId}. Come back: innervisor status ${region} --follow`,
      );
    process.exit(exitCodes.detached);
  };
  process.once('SIGINT', detach);
  const gate = openGate(client, board, { approves, detach });
  return {
    async pass(region) {
      const taskQueue = queueOf(region);
      const entry = await startPass(client, { region, taskQueue, dryRun });
      started.set(region, entry.workflowId);
      board.say(`started ${entry.workflowId}`);
      const own = board.follower(region);
      const follower = dryRun ? own : gate.guard(own);
      try {
        return await followEntry(
          client,
          { entry, region, taskQueue },
          follower,
          new AbortController().signal,
        );
      } finally {
        started.delete(region);
      }
    },
    async join(region) {
      const newest = await describeNewest(client, region);
      if (newest?.status.name !== 'RUNNING') return undefined;
      const { workflowId, runId, startTime } = newest;
      started.set(region, workflowId);
      board.say(`${region}: waits for the pass that is under way`);
      const follower = gate.guard(board.follower(region));
      try {
        const { signal } = new AbortController();
        for await (const view of watchPass(client, { region, runId }, signal)) follower.shows(view);
        const handle = client.workflow.getHandle<() => Promise<Joined['report']>>(workflowId, runId);
        return { startedMs: startTime.getTime(), report: await handle.result() };
      } catch (error) {
        if (!(error instanceof WorkflowFailedError)) throw error;
        board.say(`${region}: that pass ended without a report: ${describeError(error).message}`);
        return undefined;
      } finally {
        started.delete(region);
      }
    },
    close() {
      process.off('SIGINT', detach);
      gate.close();
      board.close();
    },
  };
}

/** What a pass's end means to whoever called for it. */
export function exitCodeOf(result: ReconcileResult): ExitCode {
  switch (result.outcome) {
    case 'converged':
    case 'planned':
      return exitCodes.ok;
    case 'held':
      return exitCodes.held;
    case 'degraded':
      return exitCodes.degraded;
    case 'frozen':
      return exitCodes.frozen;
    case 'already running':
      return exitCodes.alreadyRunning;
  }
}

/** What a plan means to whoever asked for it: nothing to do, changes, or one that the guard would hold. */
export function exitCodeOfPlan(result: ReconcileResult): ExitCode {
  if (result.outcome !== 'planned') return exitCodeOf(result);
  if (result.held.length > 0) return exitCodes.held;
  return isChange(result.plan) ? exitCodes.changes : exitCodes.ok;
}
