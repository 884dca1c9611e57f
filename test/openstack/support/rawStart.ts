import { Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';

/** Starts the workflow in the form that tctl sends: one `json/plain` payload, no headers, memo or search attributes. */
export async function rawStart(
  address: string,
  workflowId: string,
  input: string,
  type: 'reconcileRegion' | 'orderRegion' = 'reconcileRegion',
): Promise<{ readonly code: number; readonly stderr: string }> {
  const connection = await Connection.connect({ address });
  try {
    await connection.workflowService.startWorkflowExecution({
      namespace: 'default',
      workflowId,
      workflowType: { name: type },
      taskQueue: { name: 'innervisor' },
      requestId: randomUUID(),
      identity: 'tctl@test',
      workflowExecutionTimeout: { seconds: 600 },
      input: { payloads: [{ metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(input) }] },
    } as never);
    return { code: 0, stderr: '' };
  } finally {
    await connection.close();
  }
}
