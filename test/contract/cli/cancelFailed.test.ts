import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTemporal, type TemporalServer } from '../../../lab/servers/temporal.ts';
import { names } from '../../../src/workflows/contract.ts';
import { eventually } from '../../support/await.ts';
import { startInnervisor } from '../../support/innervisor.ts';

const CONFIG = join(import.meta.dirname, '..', '..', 'fixtures', 'config', 'minimal.yaml');
const TASK_QUEUE = 'innervisor';
const FAIL_WORKFLOW_EXECUTION = 5;
const POLL_MS = 30_000;

let server: TemporalServer;
let connection: Connection;
let client: Client;

beforeAll(async () => {
  server = await startTemporal();
  connection = await Connection.connect({ address: server.address });
  client = new Client({ connection });
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

/** Does a worker's work once: the pass that waits for one fails. */
async function failPass(message: string): Promise<void> {
  const { namespace } = client.options;
  const { workflowService } = client;
  const taskQueue = { name: TASK_QUEUE };
  const { taskToken } = await client.withDeadline(Date.now() + POLL_MS, () =>
    workflowService.pollWorkflowTaskQueue({ namespace, taskQueue, identity: 'test' }),
  );
  await workflowService.respondWorkflowTaskCompleted({
    ...{ namespace, taskToken, identity: 'test' },
    commands: [
      {
        commandType: FAIL_WORKFLOW_EXECUTION,
        failWorkflowExecutionCommandAttributes: {
          failure: { message, applicationFailureInfo: { type: 'forbidden', nonRetryable: true } },
        },
      },
    ],
  });
}

test('a pass that fails instead of being cancelled makes cancel fail, and say what to do', async () => {
  const pass = await client.workflow.start('reconcileRegionPass', {
    taskQueue: TASK_QUEUE,
    workflowId: names.passWorkflowId('one'),
  });

  const command = startInnervisor(['cancel', 'one'], {
    configPath: CONFIG,
    env: { TEMPORAL_ADDRESS: server.address },
  });
  const isAsked = async (): Promise<boolean> => {
    const { events } = await pass.fetchHistory();
    return (events ?? []).some((event) => event.workflowExecutionCancelRequestedEventAttributes != null);
  };
  await eventually(isAsked, { timeoutMs: 60_000, describe: 'the pass is asked to stop' });
  await failPass('compute:delete is not allowed');

  expect(await command.ended).toBe(1);
  expect(command.stdout()).toContain('one: the pass failed instead of being cancelled');
  expect(command.stdout()).toContain('  the pass failed: compute:delete is not allowed\n');
  expect(command.stdout()).toContain('what to do: docs/failures.md\n');
});

test.each<readonly [readonly string[], string]>([
  [
    ['freeze', 'one', '--reason', 'x', '--until', 'yesterday'],
    'error: --until must be a duration such as 90m, 4h or 2d, or a time such as 2026-11-25T20:00Z\nhint: for example: --until 4h\n',
  ],
  [
    ['approve', 'one', 'two', '--plan', '0123'],
    'error: --plan names the plan of one region; name one region\nhint: one after the other: innervisor approve one --plan 0123\n',
  ],
])('%j says what to do', async (args, said) => {
  const command = startInnervisor(args, { configPath: CONFIG, env: {} });

  expect(await command.ended).toBe(1);
  expect(command.stderr()).toBe(said);
});
