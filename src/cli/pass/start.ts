import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { memoKeys, names, type ReconcileInput, type ReconcileResult } from '../../workflows/contract.ts';
import { whoAmI } from './approval.ts';

/** The entry of a pass, as it was started. */
export type Entry = WorkflowHandle<(input: ReconcileInput) => Promise<ReconcileResult>>;

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
