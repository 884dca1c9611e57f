import { beforeAll, describe, expect, test } from 'vitest';
import type { CloudUnderTest } from './cloudUnderTest.ts';
import { LEFT_OUT } from './leftOut.ts';
import { replayScenario, type ReplayResult } from './replayScenario.ts';
import { listRecordings } from '../recordings.ts';

/** Holds a cloud to the recordings: one test for each recording that isn't left out. */
export function describeContract(
  title: string,
  start: () => Promise<CloudUnderTest>,
  alsoLeftOut: Readonly<Record<string, string>> = {},
): void {
  const leftOut = { ...LEFT_OUT, ...alsoLeftOut };
  const names = listRecordings();
  const wanted = names.filter((name) => !Object.hasOwn(leftOut, name));

  describe(title, () => {
    let result: ReplayResult;

    beforeAll(async () => {
      result = await replayScenario(await start());
      const lines = Object.entries(leftOut).map(([name, reason]) => `  left out: ${name}: ${reason}`);
      console.log([`${result.outcomes.size} of ${names.length} recordings replayed`, ...lines].join('\n'));
    });

    test.each(wanted)('answers as recorded in %s', (name) => {
      const differences = result.outcomes.get(name) ?? ['not replayed', ...result.broken];
      expect(differences.join('\n')).toBe('');
    });

    test('replays every recording that has no reason to be left out, and comes to the end', () => {
      expect([...result.outcomes.keys()].toSorted()).toEqual(wanted);
      expect(result.broken).toEqual([]);
    });
  });
}
