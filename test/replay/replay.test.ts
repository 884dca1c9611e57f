import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  bundleWorkflowCode,
  DefaultLogger,
  Runtime,
  Worker,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { TRACING_MODULES } from '../../worker/tracing.ts';
import { beforeAll, describe, expect, test } from 'vitest';

const FOLDER = fileURLToPath(new URL('../fixtures/histories/', import.meta.url));
const PASS_ID = 'region/lab';
const ORDERS_ID = 'orders/lab';
/** Spans of a replay are nobody's. */
const NO_SINK = { fn: () => undefined, callDuringReplay: false };
const files = (await readdir(FOLDER)).filter((name) => name.endsWith('.json'));
let workflowBundle: WorkflowBundleWithSourceMap;
let tracedBundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const options = {
    workflowsPath: fileURLToPath(new URL('../../src/workflows/index.ts', import.meta.url)),
    logger: new DefaultLogger('ERROR'),
  };
  workflowBundle = await bundleWorkflowCode(options);
  tracedBundle = await bundleWorkflowCode({ ...options, workflowInterceptorModules: [...TRACING_MODULES] });
});

/** What has a lock refuses to run under another id. */
function idOf(name: string): string {
  return name.startsWith('order-') ? ORDERS_ID : PASS_ID;
}

async function readHistory(
  name: string,
): Promise<{ events: { activityTaskScheduledEventAttributes?: { activityType: { name: string } } }[] }> {
  return JSON.parse(await readFile(join(FOLDER, name), 'utf8')) as Awaited<ReturnType<typeof readHistory>>;
}

describe('workflow code of today', () => {
  test('has histories to be held to', () => {
    expect(files.length).toBeGreaterThanOrEqual(10);
  });

  test.each(files)('replays %s', async (name) => {
    await Worker.runReplayHistory({ workflowBundle }, await readHistory(name), idOf(name));
  });

  test.each(files)('replays %s, if it is to be traced from now on', async (name) => {
    await Worker.runReplayHistory(
      { workflowBundle: tracedBundle, sinks: { exporter: { export: NO_SINK } } },
      await readHistory(name),
      idOf(name),
    );
  });

  test('is told apart from a history that it did not write', async () => {
    const name = files.find((file) => file === 'pass-first.json');
    const history = await readHistory(name ?? '');
    const scheduled = history.events.find(
      (event) => event.activityTaskScheduledEventAttributes !== undefined,
    );
    if (scheduled?.activityTaskScheduledEventAttributes === undefined)
      throw new Error('the history schedules nothing');
    scheduled.activityTaskScheduledEventAttributes.activityType.name = 'somethingElse';

    await expect(Worker.runReplayHistory({ workflowBundle }, history, PASS_ID)).rejects.toThrow(
      DeterminismViolationError,
    );
  });
});
