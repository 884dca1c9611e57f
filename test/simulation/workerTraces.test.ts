import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bundleWorkflows } from '../../worker/workflowBundle.ts';
import { eventually } from '../support/await.ts';
import { startTraceReceiver, type TraceReceiver } from './support/traceReceiver.ts';
import { startWatchedRegion, type WatchedRegion } from './support/workers.ts';

let region: WatchedRegion;
let receiver: TraceReceiver;

/** A region whose first pass a worker that isn't traced has run, and which another one has taken over since. */
beforeAll(async () => {
  [region, receiver] = await Promise.all([startWatchedRegion(), startTraceReceiver()]);
  await region.stack.pass();
  await region.first.process.stop();
  await region.startWorker({
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    OTEL_BSP_SCHEDULE_DELAY: '200',
    OTEL_SERVICE_NAME: 'innervisor-of-the-test',
  });
});
afterAll(async () => {
  await region[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

test('a pass and its steps are spans of one trace', async () => {
  expect(receiver.spans).toEqual([]);

  const { outcome } = await region.stack.pass();
  expect(outcome).toBe('converged');

  const named = (name: string) => receiver.spans.filter((span) => span.name === name);
  await eventually(() => named('RunWorkflow:reconcileRegion').length > 0, {
    timeoutMs: 30_000,
    describe: 'the last span of the pass has come',
  });
  const [entry] = named('RunWorkflow:reconcileRegion');
  const [pass] = named('RunWorkflow:reconcileRegionPass');
  expect(pass?.traceId).toBe(entry?.traceId);
  for (const step of ['listInventory', 'planChanges', 'publishTargets', 'verifyProbes']) {
    const [started] = named(`StartActivity:${step}`);
    const [run] = named(`RunActivity:${step}`);
    expect(started?.parentSpanId).toBe(pass?.spanId);
    expect(run).toMatchObject({
      traceId: pass?.traceId,
      parentSpanId: started?.spanId,
      service: 'innervisor-of-the-test',
    });
  }
});

test('a pass that was traced goes on where nobody traces', async () => {
  const { address } = region.stack.temporal;
  const connection = await Connection.connect({ address });
  const history = await new Client({ connection }).workflow.getHandle('region/lab').fetchHistory();
  await connection.close();
  const workflowBundle = await bundleWorkflows({ logger: new DefaultLogger('ERROR') });

  expect(JSON.stringify(history)).toContain('_tracer-data');
  await Worker.runReplayHistory({ workflowBundle }, history, 'region/lab');
});
