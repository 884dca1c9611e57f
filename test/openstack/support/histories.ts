import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { ReconcileResult } from '../../../src/workflows/contract.ts';

async function withClient<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try {
    return await use(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

/** Results of the newest entries, newest first. */
export async function awaitEntries(address: string, count: number): Promise<readonly string[]> {
  return await withClient(address, async ({ workflow }) => {
    const found: { readonly workflowId: string; readonly runId: string; readonly startTime: Date }[] = [];
    for await (const execution of workflow.list({ query: "WorkflowType = 'reconcileRegion'" }))
      found.push(execution);
    const newest = found.toSorted((a, b) => b.startTime.getTime() - a.startTime.getTime()).slice(0, count);
    return await Promise.all(
      newest.map(async ({ workflowId, runId }) => {
        const result = (await workflow.getHandle(workflowId, runId).result()) as ReconcileResult;
        return result.outcome;
      }),
    );
  });
}

/** Writes the history of every workflow so far, as the `temporal` command shows it, for the replay tests. */
export async function saveHistories(address: string, folder: string): Promise<void> {
  await withClient(address, async ({ workflow }) => {
    for await (const { type, runId, workflowId } of workflow.list()) {
      const history = await workflow.getHandle(workflowId, runId).fetchHistory();
      const name = `${type}-${runId.slice(0, 8)}-${runId.slice(-4)}.json`;
      await writeFile(join(folder, name), `${historyToJSON(history)}\n`);
    }
  });
}
