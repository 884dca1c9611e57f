import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Lease } from '../../../src/activities/lease.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test('a worker that moves keeps its steps, however long they last', () => {
  const lease = new Lease();

  for (let turn = 0; turn < 100; turn += 1) {
    vi.advanceTimersByTime(10_000);
    lease.renew();
  }

  expect(lease.signal.aborted).toBe(false);
});

test('one that stood still has lost them for good, and says so', () => {
  const lease = new Lease();
  const { signal } = lease;

  vi.advanceTimersByTime(24_000);

  expect(lease.signal.aborted).toBe(true);
  expect(signal).toBe(lease.signal);
  expect(signal.reason).toMatchObject({
    type: 'timeout',
    nonRetryable: false,
    message: expect.stringContaining('stood still for 24 s'),
  });
});
