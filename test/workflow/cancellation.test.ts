import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/await.ts';
import { openStage, type Stage } from './support/stage.ts';
import { planning, waitForCancellation } from './support/stubs.ts';

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
