import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CloudUnderTest } from './cloudUnderTest.ts';
import { LEFT_OUT } from './leftOut.ts';
import { replayScenario, type ReplayResult } from './replayScenario.ts';
import { listRecordings } from '../recordings.ts';

/** A cloud that the contract test starts, and how to stop it where that is for the test to do. */
type StartedCloud = CloudUnderTest & { stop?(): Promise<void> };

/**
 * Holds a cloud to the recordings: one test for each recording that isn't left out.
 *
 * @param notModelled recordings of what the cloud doesn't know and the reason; it must answer them with 501.
 */
export function describeContract(
  title: string,
  start: () => Promise<StartedCloud>,
  notModelled: Readonly<Record<string, string>> = {},
): void {
  const names = listRecordings();
  const asked = names.filter((name) => !Object.hasOwn(LEFT_OUT, name));
  const modelled = asked.filter((name) => !Object.hasOwn(notModelled, name));

  describe(title, () => {
    let cloud: StartedCloud;
    let result: ReplayResult;

    beforeAll(async () => {
      cloud = await start();
      result = await replayScenario(cloud);
      const reasons = Object.entries({ ...LEFT_OUT, ...notModelled });
      const replayed = modelled.filter((name) => result.outcomes.has(name)).length;
      const lines = reasons.map(([name, reason]) => `  left out: ${name}: ${reason}`);
      console.log([`${replayed} of ${names.length} recordings replayed`, ...lines].join('\n'));
    });

    afterAll(async () => {
      await cloud.stop?.();
    });

    test.each(modelled)('answers as recorded in %s', (name) => {
      const differences = result.outcomes.get(name) ?? ['not replayed', ...result.broken];
      expect(differences.join('\n')).toBe('');
    });

    test.each(Object.keys(notModelled))('says that it does not model %s', (name) => {
      expect(result.outcomes.get(name)?.[0]).toMatch(/^status: \d+ expected, got 501$/);
    });

    test('is asked every recording that has no reason to be left out, to the end', () => {
      expect([...result.outcomes.keys()].toSorted()).toEqual(asked);
      expect(result.broken).toEqual([]);
    });
  });
}
