import { describe, expect, test } from 'vitest';
import type { PassEnd } from '../../../src/telemetry/metrics.ts';
import { computeFacts, type EndedPass } from '../../../worker/passFacts.ts';

const HELD = { held: ['deletes 3 of 6 probes'], planHash: '0123456789ab' };
const COUNTS = { verified: 5, failed: 1, skipped: 0, missing: 0 };

/** Passes that ended so, one a second, given from the newest. */
function ended(...ends: readonly PassEnd[]): readonly EndedPass[] {
  return ends.map((end, index) => ({
    runId: `run-${index}`,
    endedMs: 10_000 - index * 1_000,
    end,
    probes: end === 'converged' || end === 'degraded' ? { ...COUNTS, verified: 5 + index } : undefined,
    expected: { key: `expected/${index}`, sha256: String(index), bytes: 2 },
  }));
}

describe('what the passes of a region say about it', () => {
  test.each([
    ['a degraded pass is a good one, since it went through', ended('failed', 'degraded', 'converged'), 9_000],
    ['a dry run is none', ended('planned', 'held', 'converged'), 8_000],
    ['none is known', ended('failed', 'held', 'cancelled', 'terminated', 'timedOut'), null],
  ])('the last good pass: %s', (_, passes, lastGoodMs) => {
    expect(computeFacts('lab', 0, passes, null)).toMatchObject({ lastGoodMs });
  });

  test('a dry run says nothing of how the last pass ended', () => {
    const facts = computeFacts('lab', 0, ended('planned', 'degraded', 'converged'), null);

    expect(facts.lastOutcome).toBe('degraded');
    expect(facts.lastMs).toEqual({ planned: 10_000, degraded: 9_000, converged: 8_000 });
    expect(facts.probes).toEqual({ ...COUNTS, verified: 6 });
  });

  test('what should be there is said by the last good pass, not by one that was held or that said nothing', () => {
    const [held, silent, good] = ended('held', 'degraded', 'converged', 'converged');
    const passes = [held, { ...silent, expected: undefined }, good].filter((pass) => pass !== undefined);

    const facts = computeFacts('lab', 0, passes as readonly EndedPass[], null);

    expect(facts.expected?.key).toBe('expected/2');
    expect(computeFacts('lab', 0, ended('held', 'planned'), null).expected).toBeNull();
  });

  test.each([
    ['the last pass found it', ended('frozen', 'converged'), null, true],
    ['a dry run came after it', ended('planned', 'frozen'), null, true],
    ['its time is over', [{ ...ended('frozen')[0], frozenUntil: '1970-01-01T00:00:00Z' }], null, false],
    ['its time is not over', [{ ...ended('frozen')[0], frozenUntil: '1970-01-01T00:00:01Z' }], null, true],
    ['a pass went through since', ended('converged', 'frozen'), null, false],
  ] as const)('a freeze: %s', (_, passes, running, isFrozen) => {
    expect(computeFacts('lab', 500, passes as readonly EndedPass[], running)).toMatchObject({
      isFrozen,
      isHeld: false,
    });
  });

  test.each([
    ['nobody approved the last plan', ended('held', 'converged'), null, true],
    ['a plan waits for approval', ended('converged'), HELD, true],
    ['the plan was approved', ended('held'), { ...HELD, decision: { kind: 'approved' } }, false],
    ['a running pass has nothing held', ended('held'), { held: [] }, false],
    ['a running pass has not planned yet', ended('held'), {}, true],
    ['a dry run shows what would be held', ended('planned', 'converged'), null, false],
  ] as const)('the guard: %s', (_, passes, running, isHeld) => {
    expect(computeFacts('lab', 0, passes, running as Parameters<typeof computeFacts>[3])).toMatchObject({
      isHeld,
      isRunning: running !== null,
    });
  });
});
