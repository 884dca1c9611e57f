import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStage, type Stage } from './support/stage.ts';
import { planning } from './support/stubs.ts';

const PASSES = 16;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.stop();
});

test('a worker that keeps no pass in memory brings each to its end, however often it is taken up anew', async () => {
  await stage.play(
    planning({ create: 2, delete: 1 }),
    async (scene) => {
      const entries = await Promise.all(
        Array.from({ length: PASSES }, (_, place) => scene.start({ region: `${scene.region}-${place}` })),
      );
      const reports = await Promise.all(entries.map((entry) => entry.result()));

      expect(reports.map(({ outcome }) => outcome)).toEqual(
        Array.from({ length: PASSES }, () => 'converged'),
      );
    },
    { maxCachedWorkflows: 0 },
  );
});
