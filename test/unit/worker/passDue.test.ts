import { expect, test } from 'vitest';
import { createPassDue } from '../../../worker/passDue.ts';

const MINUTE_MS = 60_000;
const OFFICE_HOURS = '*/20 6-22 * * mon-fri';

function dueBy(cron: string, timeZone: string, now: string, jitterMs = 0): string {
  const schedule = { everyMs: MINUTE_MS, calendar: { cron, timeZone }, jitterMs, pauseOnFailure: false };
  return new Date(createPassDue(schedule)(Date.parse(now))).toISOString();
}

test('by an interval, the third last pass was due three intervals ago', () => {
  const schedule = { everyMs: 10 * MINUTE_MS, calendar: null, jitterMs: 0, pauseOnFailure: false };
  expect(createPassDue(schedule)(100 * MINUTE_MS)).toBe(70 * MINUTE_MS);
});

test.each([
  ['in the morning', '2026-11-26T06:50:00Z', '2026-11-26T06:00:00.000Z'],
  ['at night', '2026-11-26T04:00:00Z', '2026-11-25T22:00:00.000Z'],
  ['after a weekend', '2026-11-30T05:59:00Z', '2026-11-27T22:00:00.000Z'],
  ['after the first pass of the week', '2026-11-30T06:01:00Z', '2026-11-27T22:20:00.000Z'],
])('by a calendar it is the third last time, %s', (_when, now, due) => {
  expect(dueBy(OFFICE_HOURS, 'UTC', now)).toBe(due);
});

test('the calendar is of its time zone, also over the end of summer time', () => {
  expect(dueBy('30 4 * * *', 'Europe/Luxembourg', '2026-10-26T12:00:00Z')).toBe('2026-10-24T02:30:00.000Z');
});

test('a pass that jitter may have put off is not due yet', () => {
  expect(dueBy('0 * * * *', 'UTC', '2026-11-26T12:04:00Z', 5 * MINUTE_MS)).toBe('2026-11-26T09:00:00.000Z');
});

test('days of the month and days of the week have both to be met where one names all', () => {
  expect(dueBy('0 3 1-31 * mon', 'UTC', '2026-11-26T12:00:00Z')).toBe('2026-11-09T03:00:00.000Z');
});

test('passes that are never due are never missed', () => {
  expect(dueBy('0 3 30 feb *', 'UTC', '2026-11-26T12:00:00Z')).toBe('1970-01-01T00:00:00.000Z');
});
