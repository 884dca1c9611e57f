import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { names, type ReconcileInput, type ReconcileResult } from '../workflows/contract.ts';
import { exitCodes } from './errors.ts';
import { renderResult } from './renderResult.ts';

const PROGRESS_EVERY_MS = 1_000;

/** How `innervisor reconcile` was called. */
export interface ReconcileOptions {
  readonly region: string;
  readonly taskQueue: string;
  readonly dryRun: boolean;
  readonly detach: boolean;
  readonly output: 'text' | 'json';
}

/** Starts one pass and follows it to its end. Gives the exit code. */
export async function reconcile(client: Client, options: ReconcileOptions): Promise<number> {
  const { region, dryRun } = options;
  const input: ReconcileInput = { region, dryRun };
  const previousRunId = await latestPass(client, region);
  const handle = await client.workflow.start<(input: ReconcileInput) => Promise<ReconcileResult>>(
    names.reconcileRegion,
    {
      taskQueue: options.taskQueue,
      workflowId: `reconcile/${region}/${randomUUID()}`,
      args: [input],
      staticSummary: `innervisor reconcile ${region}`,
    },
  );
  console.error(`started ${handle.workflowId}`);
  if (options.detach) return exitCodes.ok;
  process.once('SIGINT', () => {
    console.error(`detached; the pass goes on: temporal workflow show --workflow-id ${handle.workflowId}`);
    process.exit(exitCodes.detached);
  });
  const done = new AbortController();
  const following = followProgress(client, region, previousRunId, done.signal);
  try {
    const result = await handle.result();
    console.log(options.output === 'json' ? JSON.stringify(result, null, 2) : renderResult(result));
    return exitCodeOf(result);
  } finally {
    done.abort();
    await following;
  }
}

function exitCodeOf(result: ReconcileResult): number {
  switch (result.outcome) {
    case 'converged':
    case 'planned':
      return exitCodes.ok;
    case 'held':
      return exitCodes.held;
    case 'degraded':
      return exitCodes.degraded;
    case 'already running':
      return exitCodes.alreadyRunning;
  }
}

/** Prints each new step of a pass that began after `previousRunId` on stderr, until it has ended. */
async function followProgress(
  client: Client,
  region: string,
  previousRunId: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  let last = '';
  while (!signal.aborted) {
    const runId = await latestPass(client, region);
    if (runId !== undefined && runId !== previousRunId) {
      const step = await currentStep(client, region, runId);
      if (step !== undefined && step !== last) console.error(`  ${step}`);
      last = step ?? last;
    }
    await delay(PROGRESS_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** The run id of the region's newest pass; `undefined` where there has been none. */
async function latestPass(client: Client, region: string): Promise<string | undefined> {
  try {
    return (await client.workflow.getHandle(names.passWorkflowId(region)).describe()).runId;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/** The step that a pass is at; `undefined` while no worker answers the query: the result is waited for elsewhere. */
async function currentStep(client: Client, region: string, runId: string): Promise<string | undefined> {
  try {
    const pass = client.workflow.getHandle(names.passWorkflowId(region), runId);
    return (await pass.query<{ readonly step: string }>('report')).step;
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
