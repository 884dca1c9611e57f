import type { PassReport } from '../../domain/pass.ts';
import type { ReconcileResult } from '../../workflows/contract.ts';
import type { Paint, Style } from '../terminal/paint.ts';
import { printable, printableValue } from '../terminal/printable.ts';
import { renderChanges, renderCounts, renderFrozen, renderHeld } from './plan.ts';

/** How each outcome of a pass looks. */
export const OUTCOME_STYLES: Readonly<Record<ReconcileResult['outcome'], Style>> = {
  converged: 'good',
  planned: 'plain',
  degraded: 'changed',
  held: 'changed',
  frozen: 'changed',
  'already running': 'changed',
};

/** A pass's outcome for a person at a terminal. */
export function renderResult(raw: ReconcileResult, paint: Paint): string {
  if (raw.outcome === 'frozen') return paint('changed', printable(raw.message));
  if (raw.outcome === 'already running')
    return [
      paint('changed', printable(raw.message)),
      `  innervisor status ${printable(raw.region)} shows where it is, and whether its plan waits for your approval`,
    ].join('\n');
  const result = printableValue(raw);
  return [
    `${paint('strong', result.region)}: ${paint(OUTCOME_STYLES[result.outcome], result.outcome)}${renderDecision(result)}`,
    `  hypervisors ${result.hypervisors}, selected ${result.selected}, deferred ${result.deferred}`,
    `  ${renderCounts(result.plan)}`,
    `  ${renderDone(result)}`,
    ...renderFrozen(result.frozen, paint),
    ...renderHeld(result.held, paint),
    ...renderChanges(result, paint),
    ...renderTrouble(raw, paint),
    ...(result.slowestBoots ?? []).map(
      (boot) =>
        `  slow to come up: ${boot.hypervisor}, active after ${inSeconds(boot.activeSeconds)}, answering after ${inSeconds(boot.answerSeconds)}`,
    ),
  ].join('\n');
}

/** What a pass has done, in numbers. */
export function renderDone({ created, replaced, deleted, rebooted = 0, verified }: PassReport): string {
  const reboots = rebooted === 0 ? '' : `, rebooted ${rebooted}`;
  return `done: created ${created}, replaced ${replaced}, deleted ${deleted}${reboots}, verified ${verified}`;
}

/**
 * What people should know of a pass besides its numbers, whatever made it degraded included.
 * Takes a report as it is, as {@link renderFailures} does.
 */
export function renderTrouble(raw: PassReport, paint: Paint): readonly string[] {
  const { findings = [], unequalReplicas = [] } = raw;
  return [
    ...findings.map(
      ({ kind, hypervisor, message }) =>
        `  ${paint('changed', printable(`${kind} ${hypervisor}`))}: ${printable(message)}`,
    ),
    ...renderFailures(raw, paint),
    ...unequalReplicas.map(
      ({ replica, difference }) =>
        `  ${paint('bad', printable(`FAILED targets at Prometheus ${replica}: ${difference}`))}`,
    ),
  ];
}

/**
 * What failed about single probes and what was found about them, a line each, and below it what the probe printed last.
 * Takes a report as it is: what a probe printed has lines of its own.
 */
export function renderFailures(
  { failures, failedChecks }: Pick<PassReport, 'failures' | 'failedChecks'>,
  paint: Paint,
): readonly string[] {
  const failed = [
    ...failures.map((one) => ({ ...one, what: one.step, why: one.message })),
    ...failedChecks.map((one) => ({ ...one, what: `check ${one.check}`, why: one.detail })),
  ];
  return failed.flatMap(({ what, hypervisor, why, console = '' }) => [
    `  ${paint('bad', printable(`FAILED ${what} ${hypervisor}: ${why}`))}`,
    // A bar tells what a probe says apart from what we say.
    ...(console === '' ? [] : console.split('\n').map((line) => `    | ${printable(line)}`)),
  ]);
}

/** What became of a held plan, and by whom. */
export function renderDecision({ decision }: Pick<PassReport, 'decision'>): string {
  if (decision === undefined) return '';
  const by = decision.by === null ? '' : ` by ${decision.by}`;
  return decision.kind === 'expired' ? ', not approved in time' : `, ${decision.kind}${by}`;
}

function inSeconds(seconds: number | null): string {
  return seconds === null ? '?' : `${seconds} s`;
}
