import type { AppliedSchedule } from '../schedule/apply.ts';
import type { ShownSchedule } from '../schedule/show.ts';
import type { Paint } from '../terminal/paint.ts';
import { printable, printableValue } from '../terminal/printable.ts';
import { renderDuration, renderMoment } from '../terminal/units.ts';

/** What `schedule apply` did, with each setting that it changed. */
export function renderApplied({ region, applied, differences }: AppliedSchedule, paint: Paint): string {
  return [
    `${paint('strong', region)}: ${paint(applied === 'unchanged' ? 'quiet' : 'good', applied)}`,
    ...differences.map(({ setting, was, is }) =>
      paint('changed', `  ${setting}: ${renderValue(was)} -> ${renderValue(is)}`),
    ),
  ].join('\n');
}

/**
 * A schedule for people: when it runs next, whether it is paused and why, when it ran last, and what of it isn't as the
 * configuration says.
 */
export function renderSchedule(
  raw: ShownSchedule,
  configured: { readonly installation: string; readonly taskQueue: string },
  nowMs: number,
  paint: Paint,
): string {
  const { installation, taskQueue, region, paused, note, jitterMs, next, recent, skipped, ...times } =
    printableValue(raw);
  const jitter = jitterMs === 0 ? '' : `, up to ${renderDuration(jitterMs)} later`;
  return [
    `${paint('strong', region)}: ${renderTimes(times)}${jitter}${paused ? `, ${paint('changed', 'paused')}` : ''}`,
    ...(installation === null || installation === configured.installation
      ? []
      : [paint('bad', `  of installation ${installation}, not of ${configured.installation}`)]),
    ...(taskQueue === configured.taskQueue
      ? []
      : [
          paint('changed', `  on task queue ${taskQueue}, not on ${configured.taskQueue}`) +
            '; innervisor schedule apply changes it',
        ]),
    ...(note === null ? [] : [`  note: ${note}`]),
    ...next.slice(0, 1).map((at) => `  next: ${renderMoment(new Date(at), nowMs)}`),
    ...recent.slice(0, 1).map(({ at }) => `  last: ${renderMoment(new Date(at), nowMs)}`),
    ...(skipped === 0 ? [] : [`  left out, because the pass before was still under way: ${skipped}`]),
  ].join('\n');
}

function renderTimes({
  everyMs,
  cron,
  timeZone,
}: Pick<ShownSchedule, 'everyMs' | 'cron' | 'timeZone'>): string {
  return [
    ...everyMs.map((ms) => `every ${renderDuration(ms)}`),
    ...cron.map((line) => `at ${line} ${timeZone}`),
  ].join(', ');
}

function renderValue(value: unknown): string {
  return value === undefined ? 'nothing' : printable(JSON.stringify(value));
}
