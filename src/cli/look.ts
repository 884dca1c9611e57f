import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { warnWithoutWorker } from './pass/start.ts';

/** A workflow beside the passes that ends within minutes. */
export interface ShortWorkflow<Input extends { readonly region: string }> {
  /** The command that it is for, which its id begins with. */
  readonly command: 'verify' | 'preflight' | 'order' | 'look';
  readonly workflow: string;
  readonly input: Input;
  readonly taskQueue: string;
  /** Longer than all its steps may take together; one that no worker has taken up by then isn't wanted any more. */
  readonly timeoutMs: number;
}

/**
 * Has a worker look at a region, or write down an order, since workers alone have the credentials and the way to each
 * server; gives what came of it, and when it ended by Temporal's clock.
 * @throws WorkflowFailedError
 */
export async function runShort<
  Result,
  Input extends { readonly region: string } = { readonly region: string },
>(
  client: Client,
  { command, workflow, input, taskQueue, timeoutMs }: ShortWorkflow<Input>,
): Promise<{ readonly result: Result; readonly endedMs: number }> {
  const { region } = input;
  const handle = await client.workflow.start<(input: Input) => Promise<Result>>(workflow, {
    taskQueue,
    workflowId: `${command}/${region}/${randomUUID()}`,
    args: [input],
    staticSummary: `innervisor ${command} ${region}`,
    workflowExecutionTimeout: timeoutMs,
  });
  const ended = new AbortController();
  const warned = warnWithoutWorker(client, { region, taskQueue }, ended.signal);
  try {
    const result = await handle.result();
    const { closeTime } = await handle.describe();
    return { result, endedMs: closeTime?.getTime() ?? Date.now() };
  } finally {
    ended.abort();
    await warned;
  }
}
