import { readFile } from 'node:fs/promises';
import { Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { beforeAll, describe, expect, test } from 'vitest';
import * as workflows from '../../src/workflows/index.ts';
import { bundleWorkflows, installQuietRuntime } from './support/bundle.ts';
import { HISTORIES, readHistories } from './support/histories.ts';
import { listPatches, withoutGuard } from './support/patches.ts';

const histories = await readHistories();
const patches = await listPatches();
let workflowBundle: WorkflowBundleWithSourceMap;

beforeAll(async () => {
  installQuietRuntime();
  workflowBundle = await bundleWorkflows();
});

describe('the recorded histories', () => {
  test.each(Object.keys(workflows))('hold a run of %s', (workflow) => {
    expect(histories.map(({ type }) => type)).toContain(workflow);
  });

  test.each(patches)('hold a run that took the new way of the patch %s', (patch) => {
    expect(histories.flatMap((history) => history.patches)).toContain(patch);
  });

  test.each(patches)(
    'hold a run of before the patch %s, which fails once its guard is gone',
    async (patch) => {
      const unguarded = withoutGuard(workflowBundle, patch);
      const before = histories.filter((run) => !run.patches.includes(patch));

      const errors: unknown[] = [];
      for await (const { error } of Worker.runReplayHistories({ workflowBundle: unguarded }, before))
        if (error !== undefined) errors.push(error);

      expect(errors).toContainEqual(expect.any(DeterminismViolationError));
    },
  );

  test('are each a row of their page, which says what they hold', async () => {
    const page = await readFile(new URL('README.md', HISTORIES), 'utf8');
    const rows = [...page.matchAll(/^\| `([^`]+)` +\| (\w+) +\| ([^|]*?) *\| [^| ][^|]+\|$/gm)];

    expect(rows.map(([, name, type, taken]) => ({ name, type, patches: taken }))).toEqual(
      histories.map(({ name, type, patches: taken }) => ({ name, type, patches: taken.join(', ') })),
    );
  });
});
