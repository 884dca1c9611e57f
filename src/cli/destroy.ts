import type { Client } from '@temporalio/client';
import type { DestroyInput, DestroyResult } from '../workflows/contract.ts';
import { exitCodes } from './errors.ts';
import { openBoard } from './pass/board.ts';
import { startDestruction } from './pass/start.ts';
import { followEntry } from './pass/wait.ts';

/** Runs the destruction of a region, or its dry run, and follows it to its end. Ctrl-C detaches: it goes on. */
export async function runDestruction(
  client: Client,
  taskQueue: string,
  input: DestroyInput,
): Promise<DestroyResult> {
  const { region } = input;
  const board = openBoard(process.stderr);
  const entry = await startDestruction(client, { ...input, taskQueue });
  const detach = (): void => {
    board.close();
    console.error(
      `detached; it goes on as ${entry.workflowId}. Come back: innervisor status ${region} --follow`,
    );
    process.exit(exitCodes.detached);
  };
  process.once('SIGINT', detach);
  try {
    board.say(`started ${entry.workflowId}`);
    const { signal } = new AbortController();
    return await followEntry(client, { entry, region, taskQueue }, board.follower(region), signal);
  } finally {
    process.off('SIGINT', detach);
    board.close();
  }
}
