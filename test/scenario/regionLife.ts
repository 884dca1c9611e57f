import { afterAll, beforeAll, describe } from 'vitest';
import { playChanges } from './changes.ts';
import type { ScenarioCloud } from './cloud.ts';
import { playFailures } from './failures.ts';
import { playFirstPasses } from './firstPasses.ts';
import { Life } from './life.ts';

/**
 * One region's life, in order: each test goes on where the one before ended, and looks at the cloud,
 * Prometheus, Alertmanager and S3 from outside. The same on every cloud.
 */
export function describeRegionLife(open: () => Promise<ScenarioCloud>): void {
  describe('a region', () => {
    let life: Life;
    beforeAll(async () => {
      life = await Life.begin(await open());
    });
    afterAll(async () => life.end());

    playFirstPasses(() => life);
    playChanges(() => life);
    playFailures(() => life);
  });
}
