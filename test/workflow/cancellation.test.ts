import { ApplicationFailure, rootCause } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/await.ts';
import { openStage, type Stage } from './support/stage.ts';
import { artifact, planning, waitForCancellation } from './support/stubs.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.stop();
});

test('a cancelled pass takes back its silences only when the step that was running has ended', async () => {
  const { promise: finished, resolve: finish } = Promise.withResolvers<undefined>();
  let deleting: 'not begun' | 'running' | 'cancelling' | 'ended' = 'not begun';
  let deletingWhenExpired = '';
  const deleteProbes = async (): Promise<never> => {
    deleting = 'running';
    try {
      return await waitForCancellation();
    } finally {
      deleting = 'cancelling';
      await finished;
      deleting = 'ended';
    }
  };
  const expireSilences = () => {
    deletingWhenExpired = deleting;
    return Promise.resolve({ changed: 1 });
  };
  await stage.play({ ...planning({ delete: 1 }), deleteProbes, expireSilences }, async (scene) => {
    const entry = await scene.start({ region: scene.region });
    await eventually(() => deleting === 'running', { describe: 'the delete is running' });
    await entry.cancel();
    await eventually(() => deleting === 'cancelling', { describe: 'the delete was told to stop' });
    finish(undefined);

    await expect(entry.result()).rejects.toThrow();
    expect(deletingWhenExpired).toBe('ended');
  });
});

test('a pass that is cancelled while it creates removes what does not stand, and only then ends its silences', async () => {
  let awaiting = false;
  const awaitProbes = async (): Promise<never> => {
    awaiting = true;
    return await waitForCancellation();
  };
  await stage.play({ ...planning({ create: 2 }), awaitProbes }, async (scene) => {
    const entry = await scene.start({ region: scene.region });
    await eventually(() => awaiting, { describe: 'the new probes are waited for' });

    await entry.cancel();

    await expect(entry.result()).rejects.toThrow();
    expect(scene.steps().slice(-3)).toEqual(['awaitProbes', 'removeHalfMade', 'expireSilences']);
    expect(scene.calls.find(({ name }) => name === 'removeHalfMade')?.input).toMatchObject({
      plan: artifact('plan'),
      order: 'make-before-break',
      proof: null,
      waits: false,
    });
  });
});

test('a pass that fails while it creates tells of that, also where what is half-made can’t be removed', async () => {
  const fail = (message: string) => (): Promise<never> =>
    Promise.reject(ApplicationFailure.create({ type: 'forbidden', message, nonRetryable: true }));
  const createProbes = fail('may not create');
  const removeHalfMade = fail('may not delete');
  await stage.play({ ...planning({ create: 2 }), createProbes, removeHalfMade }, async (scene) => {
    const entry = await scene.start({ region: scene.region });

    const failed: unknown = await entry.result().catch((error: unknown) => error);

    expect(rootCause((failed as Error).cause)).toBe('may not create');
    expect(scene.steps().slice(-2)).toEqual(['removeHalfMade', 'expireSilences']);
  });
});

test('a pass that is cancelled after its creations removes none of them', async () => {
  let verifying = false;
  const verifyProbes = async (): Promise<never> => {
    verifying = true;
    return await waitForCancellation();
  };
  await stage.play({ ...planning({ create: 2 }), verifyProbes }, async (scene) => {
    const entry = await scene.start({ region: scene.region });
    await eventually(() => verifying, { describe: 'the probes are verified' });

    await entry.cancel();

    await expect(entry.result()).rejects.toThrow();
    expect(scene.steps()).not.toContain('removeHalfMade');
  });
});
