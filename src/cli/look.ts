import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { warnWithoutWorker } from './pass/start.ts';

/** A workflow that looks at a region and changes nothing. */
export interface Look {
  /** The command that it is for, which its id begins with. */
  readonly command: 'verify' | 'preflight';
  readonly workflow: string;
  readonly region: string;
  readonly taskQueue: string;
  /** Longer than all its steps may take together; one that no worker has taken up by then isn't wanted any more. */
  readonly timeoutMs: number;
}

/**
 * Has a worker look, since workers alone have the credentials and the way to each server, and gives what it found.
 * @throws WorkflowFailedError
 */
export async function runLook<Result>(
  client: Client,
  { command, workflow, region, taskQueue, timeoutMs }: Look,
): Promise<Result> {
  const handle = await client.workflow.start<(input: { readonly region: string }) => Promise<Result>>(
    workflow,
    {
      taskQueue,
      workflowId: `${command}/${region}/${randomUUID()}`,
      args: [{ region }],
      staticSummary: `innervisor ${command} ${region}`,
      workflowExecutionTimeout: timeoutMs,
    },
  );
  const ended = new AbortController();
  const warned = warnWithoutWorker(client, { region, taskQueue }, ended.signal);
  try {
    return await handle.result();
  } finally {
    ended.abort();
    await warned;
  }
}
