import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pulse } from '../../../src/activities/pulse.ts';

let pulse: Pulse;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setInterval'] });
  pulse = new Pulse();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Lets time go by in which nothing of this process runs. */
function standStill(ms: number): void {
  const wokenMs = performance.now() + ms;
  vi.spyOn(performance, 'now').mockImplementation(() => wokenMs);
}

test('while the process moves a step is its own, however long it lasts', () => {
  const { signal } = pulse.hold();

  vi.advanceTimersByTime(3_600_000);
  pulse.beat();

  expect(signal.aborted).toBe(false);
});

test('a step that was under way when the process stood still is lost, and says so', () => {
  const { signal } = pulse.hold();

  standStill(24_000);
  pulse.beat();

  expect(signal.reason).toMatchObject({
    type: 'timeout',
    nonRetryable: false,
    message: expect.stringContaining('stood still'),
  });
});

test('so is one that begins right after it, but not one that begins later', () => {
  standStill(24_000);
  const stale = pulse.hold().signal;
  standStill(4_000);
  const soon = pulse.hold().signal;
  standStill(4_000);
  const later = pulse.hold().signal;

  expect([stale.aborted, soon.aborted, later.aborted]).toEqual([true, true, false]);
});

test('a step that has ended is let go of', () => {
  const step = pulse.hold();

  step.end();
  standStill(24_000);
  pulse.beat();

  expect(step.signal.aborted).toBe(false);
});
