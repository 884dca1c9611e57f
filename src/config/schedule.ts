import { parseCron } from './cron.ts';
import { duration, flag, mapping, textThat } from './fields.ts';

const EVERY_MS_MIN = 60_000;
const ZONE = /^[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*$/;

/** When passes of a region run: at an interval or, where `cron` is given, by a calendar. */
export const scheduleSchema = mapping({
  every: duration()
    .describe('Time between passes, at least `1m`; a number with `s`, `m`, `h` or `d`.')
    .prefault('10m'),
  cron: textThat(
    'must be five fields of cron, such as "0 3 * * *" or "*/20 6-22 * * mon-fri", with days of the month or of the week, not both',
    (value) => parseCron(value) !== undefined,
  )
    .meta({ pattern: '^\\s*\\S+(\\s+\\S+){4}\\s*$' })
    .nullable()
    .describe(
      'Times of day in place of `every`: minute, hour, day of month, month, day of week; or `null` for none.',
    )
    .default(null),
  timeZone: textThat('must be the name of a time zone, such as UTC or Europe/Luxembourg', isTimeZone)
    .meta({ pattern: ZONE.source })
    .describe('The time zone of `cron`.')
    .default('UTC'),
  jitter: duration()
    .describe('By how much a pass may start later, at random; less than the time between two passes.')
    .prefault('1m'),
  pauseOnFailure: flag()
    .describe('Whether a pass that fails pauses the schedule until somebody resumes it.')
    .default(false),
})
  .refine(({ every }) => every >= EVERY_MS_MIN, { path: ['every'], error: 'must be at least 1m' })
  .refine(({ cron, every, jitter }) => cron !== null || jitter < every, {
    path: ['jitter'],
    error: 'must be less than schedule.every',
  })
  .refine(({ cron, jitter }) => jitter < (parseCron(cron ?? '')?.shortestMs ?? Infinity), {
    path: ['jitter'],
    error: 'must be less than the shortest time between two passes by schedule.cron',
  })
  .transform(({ every, cron, timeZone, jitter, pauseOnFailure }) => ({
    /** Time between two passes; by a calendar, the shortest. */
    everyMs: parseCron(cron ?? '')?.shortestMs ?? every,
    calendar: cron === null ? null : { cron, timeZone },
    jitterMs: jitter,
    pauseOnFailure,
  }));

function isTimeZone(value: string): boolean {
  if (!ZONE.test(value)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).format(0) !== '';
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
