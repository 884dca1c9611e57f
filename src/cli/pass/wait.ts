import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { describeError } from '../describeError.ts';
import { describeMissingWorker, hasWorker, WORKER_MISSING_AFTER_MS, type Entry } from './start.ts';
import { describeNewest, watchPass, type PassRun, type PassView } from './watch.ts';

const LOOK_EVERY_MS = 250;
const LAST_LOOK_MS = 1_000;

/** Who is told how a pass goes on. */
export interface Follower {
  /** Why the pass hasn't begun. */
  readonly waits: (why: string) => void;
  readonly shows: (view: PassView) => void;
}

/** The pass that an entry has begun. */
export interface Followed<Result> {
  readonly entry: Entry<Result>;
  readonly region: string;
  readonly taskQueue: string;
}

/**
 * Follows an entry until it has ended, and gives its result.
 * @throws WorkflowFailedError where the pass failed or was cancelled; the signal's reason when it is aborted.
 */
export async function followEntry<Result>(
  client: Client,
  followed: Followed<Result>,
  follower: Follower,
  signal: AbortSignal,
): Promise<Result> {
  const [ended, left] = [new AbortController(), new AbortController()];
  const shown = showPass(client, followed, follower, {
    ended: ended.signal,
    stop: AbortSignal.any([signal, left.signal]),
  });
  try {
    return await client.withAbortSignal(signal, () => followed.entry.result());
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    ended.abort();
    // The last look shows how it ended, and is the only one at a pass that was over before it was found.
    await Promise.race([shown, delay(LAST_LOOK_MS)]);
    left.abort();
    await shown;
  }
}

interface Until {
  /** The entry has ended: the pass is looked for once more. */
  readonly ended: AbortSignal;
  readonly stop: AbortSignal;
}

/** Never rejects: what can't be shown doesn't end what is waited for. */
async function showPass(
  client: Client,
  followed: Followed<unknown>,
  follower: Follower,
  { ended, stop }: Until,
): Promise<void> {
  try {
    const run = await findPass(client, followed, follower, AbortSignal.any([ended, stop]));
    if (run === undefined) return;
    for await (const view of watchPass(client, run, stop)) follower.shows(view);
  } catch (error) {
    follower.waits(`the pass can't be looked at; its result is waited for: ${describeError(error).message}`);
  }
}

/** Waits for the pass that belongs to the entry; `undefined` where there is none when the signal comes. */
async function findPass(
  client: Client,
  { entry, region, taskQueue }: Followed<unknown>,
  follower: Follower,
  signal: AbortSignal,
): Promise<PassRun | undefined> {
  const startedMs = performance.now();
  let isMissing = false;
  for (;;) {
    const isLast = signal.aborted;
    const newest = await describeNewest(client, region);
    if (newest?.parentExecution?.workflowId === entry.workflowId) return { region, runId: newest.runId };
    if (isLast) return undefined;
    if (!isMissing && performance.now() - startedMs > WORKER_MISSING_AFTER_MS) {
      isMissing = !(await hasWorker(client, taskQueue));
      if (isMissing) follower.waits(describeMissingWorker(taskQueue));
    }
    await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
