import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { printNote } from '../terminal/messages.ts';
import {
  memoKeys,
  names,
  type DestroyInput,
  type DestroyResult,
  type ReconcileInput,
  type ReconcileResult,
} from '../../workflows/contract.ts';
import { whoAmI } from './approval.ts';

/** A worker that has just ended is counted as asking for work for a while, so this is only a hint. */
export const WORKER_MISSING_AFTER_MS = 3_000;

/** The entry of a pass, as it was started. */
export interface Entry<Result = ReconcileResult> {
  readonly workflowId: string;
  result(): Promise<Result>;
}

/** Starts one pass over a region, or the dry run of one. Whether it is the only one is decided over there. */
export async function startPass(
  client: Client,
  { region, taskQueue, dryRun }: ReconcileInput & { readonly taskQueue: string },
): Promise<Entry> {
  const input: ReconcileInput = { region, dryRun: dryRun ?? false };
  return await client.workflow.start<(input: ReconcileInput) => Promise<ReconcileResult>>(
    names.reconcileRegion,
    {
      taskQueue,
      workflowId: `reconcile/${region}/${randomUUID()}`,
      args: [input],
      memo: { [memoKeys.region]: region, [memoKeys.startedBy]: whoAmI() },
      staticSummary: dryRun === true ? `innervisor plan ${region}` : `innervisor reconcile ${region}`,
    },
  );
}

/** Starts the destruction of a region, or the dry run of one. */
export async function startDestruction(
  client: Client,
  { taskQueue, ...input }: DestroyInput & { readonly taskQueue: string },
): Promise<Entry<DestroyResult>> {
  const { region, dryRun } = input;
  return await client.workflow.start<(input: DestroyInput) => Promise<DestroyResult>>(names.destroyRegion, {
    taskQueue,
    workflowId: `destroy/${region}/${randomUUID()}`,
    args: [input],
    memo: { [memoKeys.region]: region, [memoKeys.startedBy]: whoAmI() },
    staticSummary: `innervisor destroy ${region}${dryRun === true ? ' --dry-run' : ''}`,
  });
}

/** Whether any worker asks for work of a task queue; without one, everything waits. */
export async function hasWorker(client: Client, taskQueue: string): Promise<boolean> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: taskQueue },
    // TASK_QUEUE_TYPE_WORKFLOW
    taskQueueType: 1,
  });
  return pollers.length > 0;
}

/** Where the work for a region waits for a worker. */
interface WorkPlace {
  readonly region: string;
  readonly taskQueue: string;
}

/** Waits for what a worker does; says once on stderr that none asks for work, if that is so after a while. */
export async function awaitWorker<T>(client: Client, place: WorkPlace, work: () => Promise<T>): Promise<T> {
  const ended = new AbortController();
  const warned = warnWithoutWorker(client, place, ended.signal);
  try {
    return await work();
  } finally {
    ended.abort();
    await warned;
  }
}

async function warnWithoutWorker(
  client: Client,
  { region, taskQueue }: WorkPlace,
  signal: AbortSignal,
): Promise<void> {
  try {
    await delay(WORKER_MISSING_AFTER_MS, undefined, { signal });
    if (await hasWorker(client, taskQueue)) return;
  } catch (error) {
    // It is only a hint: what can't be asked doesn't end what is waited for.
    if (error instanceof Error) return;
    throw error;
  }
  printNote(`${region}: ${describeMissingWorker(taskQueue)}`);
}

/** What to say where nobody asks for work. */
export function describeMissingWorker(taskQueue: string): string {
  return `no worker asks for work on task queue ${taskQueue}; start one: innervisor worker --task-queue ${taskQueue}`;
}
