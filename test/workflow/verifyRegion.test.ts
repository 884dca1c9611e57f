import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import type { RegionVerification } from '../../src/domain/verification.ts';
import { names } from '../../src/workflows/contract.ts';
import { openStage, type Scene, type Stage } from './support/stage.ts';
import { planning } from './support/stubs.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.stop();
});

async function verify({ client, taskQueue, region }: Scene, input: unknown = { region }) {
  return await client.workflow.execute<(input: unknown) => Promise<RegionVerification>>(names.verifyRegion, {
    taskQueue,
    workflowId: `verify-${randomUUID()}`,
    args: [input],
  });
}

async function outcomeWith(overrides: Partial<Activities>): Promise<RegionVerification['outcome']> {
  return await stage.play(overrides, async (scene) => (await verify(scene)).outcome);
}

test('it looks, and calls no step that changes anything', async () => {
  await stage.play({}, async (scene) => {
    const result = await verify(scene);

    expect(result).toMatchObject({ region: scene.region, outcome: 'converged', verified: 3, generation: 7 });
    expect(scene.steps()).toEqual(['listInventory', 'selectHypervisors', 'planChanges', 'checkRegion']);
  });
});

test('a region in which a pass would change something has drifted', async () => {
  expect(await outcomeWith(planning({ keep: 2, create: 1 }))).toBe('drifted');
  expect(await outcomeWith(planning({ keep: 3, marks: 1 }))).toBe('drifted');
});

test('a check that failed or a document that differs makes it degraded, whatever the plan is', async () => {
  const checked = { verified: 2, failed: 0, pending: 0, failedChecks: [], generation: 7, differences: [] };
  const differences = [{ document: 'peers', difference: '1 missing, 0 too many' }] as const;

  expect(await outcomeWith({ checkRegion: () => Promise.resolve({ ...checked, failed: 1 }) })).toBe(
    'degraded',
  );
  expect(
    await outcomeWith({
      ...planning({ create: 1 }),
      checkRegion: () => Promise.resolve({ ...checked, differences }),
    }),
  ).toBe('degraded');
});

test('it runs beside a pass that is under way', async () => {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const slow: Partial<Activities> = {
    verifyProbes: async () => {
      await promise;
      return { verified: 3, failed: 0, pending: 0, failedChecks: [], boots: null, slowestBoots: [] };
    },
  };
  await stage.play(slow, async (scene) => {
    const pass = await scene.start({ region: scene.region });

    expect((await verify(scene)).outcome).toBe('converged');

    resolve(undefined);
    expect((await pass.result()).outcome).toBe('converged');
  });
});

test('an input without a region is refused with what it should look like', async () => {
  await stage.play({}, async (scene) => {
    const failed = await verify(scene, {}).catch((error: unknown) => error);

    expect(failed).toBeInstanceOf(WorkflowFailedError);
    expect((failed as WorkflowFailedError).cause?.message).toContain('it looks like {"region":"luxembourg"}');
  });
});
