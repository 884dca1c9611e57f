import { randomUUID } from 'node:crypto';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { isCancellation, rootCause } from './describeError.ts';
import { CliError } from './errors.ts';
import { awaitWorker } from './pass/start.ts';

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
  const result = await awaitWorker(client, { region, taskQueue }, () => handle.result());
  const { closeTime } = await handle.describe();
  return { result, endedMs: closeTime?.getTime() ?? Date.now() };
}

const NOUNS = { verify: 'verification', preflight: 'preflight' } as const;

/**
 * Has a worker look whether all is right in a region, or ready.
 * @throws CliError where it can't.
 */
export async function lookAtRegion<Report>(
  client: Client,
  look: ShortWorkflow<{ readonly region: string }> & { readonly command: keyof typeof NOUNS },
): Promise<Report> {
  try {
    return (await runShort<Report>(client, look)).result;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const how = isCancellation(error) ? 'was cancelled' : `failed: ${rootCause(error).message}`;
    throw new CliError(`the ${NOUNS[look.command]} of ${look.input.region} ${how}`, {
      hint: 'docs/failures.md says what each kind of failure means and what to do; then run the command again',
      cause: error,
    });
  }
}
