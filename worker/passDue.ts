import { Cron } from 'croner';
import { parseCron, type CronRange } from '../src/config/cron.ts';
import type { RegionConfig } from '../src/config/index.ts';
import type { PassDue } from '../src/telemetry/metrics.ts';

/** A region that has missed so many passes in a row is told. */
const MISSED_MAX = 3;

/** Reads from a schedule when passes were due. By a calendar, a night or a weekend without passes misses none. */
export function createPassDue({ everyMs, calendar, jitterMs }: RegionConfig['schedule']): PassDue {
  if (calendar === null) return (nowMs) => nowMs - MISSED_MAX * everyMs;
  // As Temporal does, it runs on days that are both of the month and of the week.
  const options = { timezone: calendar.timeZone, mode: '5-part', domAndDow: true } as const;
  const cron = new Cron(renderCron(calendar.cron), options);
  return (nowMs) => {
    const due = cron.previousRuns(MISSED_MAX, new Date(nowMs - jitterMs));
    return due[MISSED_MAX - 1]?.getTime() ?? 0;
  };
}

/** The line in a form that all readers of such lines understand alike. */
function renderCron(line: string): string {
  const times = parseCron(line);
  if (times === undefined) throw new Error(`not a line of cron: ${line}`);
  const { minute, hour, dayOfMonth, month, dayOfWeek } = times;
  return [minute, hour, dayOfMonth, month, dayOfWeek].map(renderField).join(' ');
}

function renderField(ranges: readonly CronRange[]): string {
  return ranges.map(({ start, end, step }) => `${start}-${end}/${step}`).join(',');
}
