import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { startTemporal } from '../../lab/servers/index.ts';
import { bundleWorkflows } from '../../worker/workflowBundle.ts';
import { brokenReplay, nothing, read } from './support/brokenReplay.ts';

test('a question to a workflow whose replay breaks off does not end the worker', async () => {
  // The replay that breaks off on purpose is reported as an error.
  const logger = new DefaultLogger('ERROR', () => undefined);
  Runtime.install({ logger, telemetryOptions: { logging: { filter: 'off' } } });
  const workflowsPath = fileURLToPath(new URL('support/brokenReplay.ts', import.meta.url));
  const [server, workflowBundle] = await Promise.all([
    startTemporal(),
    bundleWorkflows({ logger, workflowsPath }),
  ]);
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => server.stop());
  const connection = await Connection.connect({ address: server.address });
  cleanUp.defer(() => connection.close());
  const workerConnection = await NativeConnection.connect({ address: server.address });
  cleanUp.defer(() => workerConnection.close());
  const { workflow } = new Client({ connection });
  const taskQueue = `test-${randomUUID()}`;
  const worker = await Worker.create({
    connection: workerConnection,
    taskQueue,
    workflowBundle,
    // So that a question is answered by a replay.
    maxCachedWorkflows: 0,
  });
  const start = { taskQueue, workflowId: `w-${randomUUID()}` };

  await worker.runUntil(async () => {
    const asked = await workflow.start(brokenReplay, start);
    await expect(asked.query(read)).rejects.toThrow('the replay breaks off');
    const next = {
      ...start,
      workflowId: `w-${randomUUID()}`,
      workflowExecutionTimeout: '20 seconds',
    } as const;
    expect(await workflow.execute(nothing, next)).toBe('done');
    await asked.terminate();
  });
});
