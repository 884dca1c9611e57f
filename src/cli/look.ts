import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { isCancellation, rootCause } from './describeError.ts';
import { CliError } from './errors.ts';
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

const NOUNS: Readonly<Record<ShortWorkflow<{ region: string }>['command'], string>> = {
  verify: 'the verification of',
  preflight: 'the preflight of',
  order: 'the order for',
  look: 'the look at',
};

/**
 * Has a worker look at a region, or write down an order, since workers alone have the credentials and the way to each
 * server; gives what came of it, and when it ended by Temporal's clock.
 * @throws CliError where it failed.
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
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const how = isCancellation(error) ? 'was cancelled' : `failed: ${rootCause(error).message}`;
    throw new CliError(`${NOUNS[command]} ${region} ${how}`, {
      hint: 'docs/failures.md says what each kind of failure means and what to do; then run the command again',
      cause: error,
    });
  } finally {
    ended.abort();
    await warned;
  }
}
