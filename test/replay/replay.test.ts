import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundleWorkflows, installQuietRuntime } from './support/bundle.ts';
import { readHistories } from './support/histories.ts';

/** Spans of a replay are nobody's. */
const NO_SINK = { fn: () => undefined, callDuringReplay: false };
const histories = await readHistories();
let workflowBundle: WorkflowBundleWithSourceMap;
let tracedBundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  installQuietRuntime();
  workflowBundle = await bundleWorkflows();
  tracedBundle = await bundleWorkflows(true);
});

describe('workflow code of today', () => {
  test.each(histories)('replays $name', async ({ history, workflowId }) => {
    await Worker.runReplayHistory({ workflowBundle }, history, workflowId);
  });

  test.each(histories)(
    'replays $name, if it is to be traced from now on',
    async ({ history, workflowId }) => {
      await Worker.runReplayHistory(
        { workflowBundle: tracedBundle, sinks: { exporter: { export: NO_SINK } } },
        history,
        workflowId,
      );
    },
  );

  test('is told apart from a history that it did not write', async () => {
    const { history, workflowId } = histories.find(({ name }) => name === 'pass-first') ?? {};
    const altered = structuredClone(history);
    const scheduled = altered?.events?.find((event) => event.activityTaskScheduledEventAttributes);
    if (scheduled?.activityTaskScheduledEventAttributes == null)
      throw new Error('the history schedules nothing');
    scheduled.activityTaskScheduledEventAttributes.activityType = { name: 'somethingElse' };

    await expect(Worker.runReplayHistory({ workflowBundle }, altered, workflowId)).rejects.toThrow(
      DeterminismViolationError,
    );
  });
});
