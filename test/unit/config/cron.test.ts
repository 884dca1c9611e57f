import { describe, expect, test } from 'vitest';
import { parseCron } from '../../../src/config/cron.ts';

const MINUTE_MS = 60_000;

describe('a line of cron', () => {
  test.each([
    ['0 3 * * *', { minute: [[0, 0, 1]], hour: [[3, 3, 1]] }, 1_440],
    ['*/15 * * * *', { minute: [[0, 45, 15]], hour: [[0, 23, 1]] }, 15],
    ['5/20 * * * *', { minute: [[5, 45, 20]] }, 20],
    [
      '0,50 8-18/2 * * *',
      {
        minute: [
          [0, 0, 1],
          [50, 50, 1],
        ],
        hour: [[8, 18, 2]],
      },
      50,
    ],
    [
      '0 23,1 * * *',
      {
        hour: [
          [1, 1, 1],
          [23, 23, 1],
        ],
      },
      120,
    ],
    [
      '0 0 * JAN-mar,7 *',
      {
        month: [
          [1, 3, 1],
          [7, 7, 1],
        ],
      },
      1_440,
    ],
    [
      '0 0 * * fri-7',
      {
        dayOfWeek: [
          [0, 0, 1],
          [5, 6, 1],
        ],
      },
      1_440,
    ],
    ['0 0 * * sun', { dayOfWeek: [[0, 0, 1]] }, 1_440],
    ['0 0 1-31 * mon', { dayOfMonth: [[1, 31, 1]], dayOfWeek: [[1, 1, 1]] }, 1_440],
  ])('%s names its times, and the shortest time between two of them', (line, expected, shortestMinutes) => {
    const times = parseCron(line);

    const found = Object.fromEntries(
      Object.keys(expected).map((name) => [
        name,
        times?.[name as 'minute'].map(({ start, end, step }) => [start, end, step]),
      ]),
    );
    expect(found).toEqual(expected);
    expect(times?.shortestMs).toBe(shortestMinutes * MINUTE_MS);
  });

  test.each([
    ['four fields', '0 3 * *'],
    ['six fields', '0 0 3 * * *'],
    ['a minute that is none', '60 * * * *'],
    ['a day that is none', '0 0 0 * *'],
    ['a range that runs backwards', '30-10 * * * *'],
    ['a step of nothing', '*/0 * * * *'],
    ['a list with a hole', '1,,2 * * * *'],
    ['a name in the wrong place', 'jan * * * *'],
    ['a shorthand', '@daily'],
    ['days of the month and of the week', '0 0 1 * mon'],
    ['nothing', ''],
  ])('with %s is none', (_what, line) => {
    expect(parseCron(line)).toBeUndefined();
  });
});
