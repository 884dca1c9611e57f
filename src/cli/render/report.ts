import type { PassReport } from '../../domain/pass.ts';
import type { ReconcileResult } from '../../workflows/contract.ts';
import type { Paint, Style } from '../terminal/paint.ts';
import { printableValue } from '../terminal/printable.ts';
import { renderChanges, renderCounts, renderHeld } from './plan.ts';

/** How each outcome of a pass looks. */
export const OUTCOME_STYLES: Readonly<Record<ReconcileResult['outcome'], Style>> = {
  converged: 'good',
  planned: 'plain',
  degraded: 'changed',
  held: 'changed',
  'already running': 'changed',
};

/** A pass's outcome for a person at a terminal. */
export function renderResult(raw: ReconcileResult, paint: Paint): string {
  const result = printableValue(raw);
  if (result.outcome === 'already running') return paint('changed', result.message);
  return [
    `${paint('strong', result.region)}: ${paint(OUTCOME_STYLES[result.outcome], result.outcome)}${renderDecision(result)}`,
    `  hypervisors ${result.hypervisors}, selected ${result.selected}, deferred ${result.deferred}`,
    `  ${renderCounts(result.plan)}`,
    `  ${renderDone(result)}`,
    ...renderHeld(result.held, paint),
    ...renderChanges(result, paint),
    ...renderFailures(result, paint),
    ...(result.slowestBoots ?? []).map(
      (boot) =>
        `  slow to come up: ${boot.hypervisor}, active after ${inSeconds(boot.activeSeconds)}, answering after ${inSeconds(boot.answerSeconds)}`,
    ),
  ].join('\n');
}

/** What a pass has done, in numbers. */
export function renderDone({ created, replaced, deleted, verified }: PassReport): string {
  return `done: created ${created}, replaced ${replaced}, deleted ${deleted}, verified ${verified}`;
}

/** What failed about single probes and what was found about them, a line each. */
export function renderFailures(
  { failures, failedChecks }: Pick<PassReport, 'failures' | 'failedChecks'>,
  paint: Paint,
): readonly string[] {
  return [
    ...failures.map(({ step, hypervisor, message }) => `FAILED ${step} ${hypervisor}: ${message}`),
    ...failedChecks.map(({ check, hypervisor, detail }) => `FAILED check ${check} ${hypervisor}: ${detail}`),
  ].map((line) => `  ${paint('bad', line)}`);
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
