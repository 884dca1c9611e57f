import { condition, defineQuery, patched, setHandler, workflowInfo } from '@temporalio/workflow';

export const read = defineQuery<string>('read');

/** Runs as long as it is not replayed; a replay breaks off behind its first command. */
export async function brokenReplay(): Promise<void> {
  setHandler(read, () => 'half replayed');
  if (patched('first command') && workflowInfo().unsafe.isReplaying) throw new Error('the replay breaks off');
  await condition(() => false);
}

/** Ends at once. */
export function nothing(): Promise<string> {
  return Promise.resolve('done');
}
