import { DAYS_OF_WEEK, MONTHS, type CalendarSpecDescription } from '@temporalio/client';
import { isDeepStrictEqual } from 'node:util';
import { parseCron, type CronRange } from '../../config/cron.ts';

/**
 * The times of a cron line as the server tells them of a schedule; the line itself stands beside them as a comment.
 * @throws RangeError for text that is no such line; configuration has refused it by then.
 */
export function calendarOf(cron: string): CalendarSpecDescription {
  const times = parseCron(cron);
  if (times === undefined) throw new RangeError(`no line of cron: ${cron}`);
  return {
    second: [{ start: 0, end: 0, step: 1 }],
    minute: [...times.minute],
    hour: [...times.hour],
    dayOfMonth: [...times.dayOfMonth],
    month: times.month.map((range) => named(range, MONTHS, 1)),
    year: [],
    dayOfWeek: times.dayOfWeek.map((range) => named(range, DAYS_OF_WEEK, 0)),
    comment: cron,
  };
}

/** The line of cron that a calendar was made of; a calendar that isn't what its comment says is given as it is. */
export function readCalendar(calendar: CalendarSpecDescription): string | CalendarSpecDescription {
  const { comment = '' } = calendar;
  const isFaithful = parseCron(comment) !== undefined && isDeepStrictEqual(calendarOf(comment), calendar);
  return isFaithful ? comment : calendar;
}

function named<Name extends string>({ start, end, step }: CronRange, names: readonly Name[], from: number) {
  return { start: nameAt(start), end: nameAt(end), step };

  function nameAt(value: number): Name {
    const name = names[value - from];
    if (name === undefined) throw new RangeError(`no name for ${value}`);
    return name;
  }
}
