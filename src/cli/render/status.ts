import { describeSaid } from '../../domain/orders.ts';
import type { LastPass, RegionStatus, RunningPass } from '../status/read.ts';
import type { Paint } from '../terminal/paint.ts';
import { printableValue } from '../terminal/printable.ts';
import { renderDuration, renderMoment } from '../terminal/units.ts';
import { renderCounts, renderHeld } from './plan.ts';
import { OUTCOME_STYLES, renderDecision, renderDone, renderTrouble } from './report.ts';

/** A region's status for people: what runs, what waits for them, how it went and when it goes on. */
export function renderStatus(raw: RegionStatus, nowMs: number, paint: Paint): string {
  const { region, running, last, orders, schedule } = printableValue(raw);
  return [
    paint('strong', region),
    ...renderOrders(region, orders, paint),
    ...(running === null ? ['  now:      no pass runs'] : renderRunning(running, nowMs, paint)),
    ...(last === null
      ? ['  last:     none is known, dry runs aside']
      : renderLast(last, raw.last?.report ?? null, nowMs, paint)),
    `  schedule: ${renderSchedule(schedule, nowMs, paint)}`,
  ].join('\n');
}

function renderOrders(
  region: string,
  { frozen, inMaintenance }: RegionStatus['orders'],
  paint: Paint,
): readonly string[] {
  return [
    ...(frozen === null
      ? []
      : [
          `  orders:   ${paint('changed', `frozen ${describeSaid(frozen)}`)}`,
          `            no pass changes anything; innervisor unfreeze ${region} lifts it`,
        ]),
    ...(inMaintenance === null || inMaintenance === 0
      ? []
      : [`  orders:   hypervisors in maintenance: ${inMaintenance}; innervisor maintenance list ${region}`]),
  ];
}

function renderRunning(running: RunningPass, nowMs: number, paint: Paint): readonly string[] {
  const { startedAt, startedBy, step, held } = running;
  const since = renderDuration(nowMs - Date.parse(startedAt));
  return [
    `  now:      ${step ?? 'a pass runs, but no worker answers'}`,
    `            for ${since}${startedBy === null ? '' : `, started by ${startedBy}`}`,
    ...(held === null
      ? []
      : [
          paint('changed', `  waits:    plan ${held.planHash ?? ''} waits for your approval`),
          ...[...renderHeld(held.held, paint), `  ${renderCounts(held.plan)}`].map(
            (line) => `          ${line}`,
          ),
          `            innervisor approve ${held.region} --plan ${held.planHash ?? ''}, or reject`,
        ]),
  ];
}

/** @param raw The report as it is, for {@link renderTrouble}. */
function renderLast(last: LastPass, raw: LastPass['report'], nowMs: number, paint: Paint): readonly string[] {
  const { outcome, startedAt, endedAt, message, report } = last;
  const took = renderDuration(Date.parse(endedAt) - Date.parse(startedAt));
  const style = outcome in OUTCOME_STYLES ? OUTCOME_STYLES[outcome as keyof typeof OUTCOME_STYLES] : 'bad';
  const decided = report === null ? '' : renderDecision(report);
  return [
    `  last:     ${paint(style, outcome)}${decided}, ${renderMoment(new Date(endedAt), nowMs)}, took ${took}`,
    ...(message === null ? [] : [`            ${paint('bad', message)}`]),
    ...(report === null
      ? []
      : [
          `            hypervisors ${report.hypervisors}, selected ${report.selected}, deferred ${report.deferred}, kept ${report.kept}`,
          `            ${renderDone(report)}`,
          ...[
            ...(outcome === 'held' ? renderHeld(report.held, paint) : []),
            ...(raw === null ? [] : renderTrouble(raw, paint)),
          ].map((line) => `          ${line}`),
        ]),
  ];
}

function renderSchedule(schedule: RegionStatus['schedule'], nowMs: number, paint: Paint): string {
  if (schedule === null) return `${paint('changed', 'none')}; innervisor schedule apply creates it`;
  if (schedule.paused) return `${paint('changed', 'paused')}: ${schedule.note ?? 'nobody said why'}`;
  const [next] = schedule.next;
  return next === undefined ? 'no next pass' : `next pass ${renderMoment(new Date(next), nowMs)}`;
}
