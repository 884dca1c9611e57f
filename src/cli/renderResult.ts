import type { PassReport } from '../domain/pass.ts';
import type { ReconcileResult } from '../workflows/contract.ts';

/** A pass's outcome for a person at a terminal. */
export function renderResult(result: ReconcileResult): string {
  if (result.outcome === 'already running') return result.message;
  const lines = [
    `${result.region}: ${result.outcome}${renderDecision(result)}`,
    `  hypervisors ${result.hypervisors}, selected ${result.selected}, deferred ${result.deferred}`,
    renderCounts(result),
    `  done: created ${result.created}, replaced ${result.replaced}, deleted ${result.deleted}, verified ${result.verified}`,
    ...renderChanges(result),
    ...result.failures.map((failed) => `  FAILED ${failed.step} ${failed.hypervisor}: ${failed.message}`),
    ...result.failedChecks.map(
      (check) => `  FAILED check ${check.check} ${check.hypervisor}: ${check.detail}`,
    ),
    ...(result.unequalReplicas ?? []).map(
      ({ replica, difference }) => `  FAILED targets at Prometheus ${replica}: ${difference}`,
    ),
    ...(result.slowestBoots ?? []).map(
      (boot) =>
        `  slow to come up: ${boot.hypervisor}, active after ${inSeconds(boot.activeSeconds)}, answering after ${inSeconds(boot.answerSeconds)}`,
    ),
  ];
  return printable(lines);
}

/** A held plan for the person who is to decide upon it. */
export function renderPlan(report: PassReport): string {
  return printable([
    `${report.region}: plan ${report.planHash ?? ''}`,
    renderCounts(report),
    ...renderChanges(report),
  ]);
}

function renderCounts({ plan }: PassReport): string {
  return `  plan: create ${plan.create}, replace ${plan.replace}, delete ${plan.delete}, keep ${plan.keep}, defer ${plan.defer}`;
}

function renderChanges({ held, changes, plan }: PassReport): readonly string[] {
  const left = plan.create + plan.replace + plan.delete + plan.defer - changes.length;
  return [
    ...held.map((why) => `  held: ${why}`),
    ...changes.map((change) => `  ${change.action.padEnd(7)} ${change.hypervisor}: ${change.reason}`),
    ...(left > 0 ? [`  … and ${left} more`] : []),
  ];
}

function renderDecision({ decision }: PassReport): string {
  if (decision === undefined) return '';
  const by = decision.by === null ? '' : ` by ${decision.by}`;
  return decision.kind === 'expired' ? ', not approved in time' : `, ${decision.kind}${by}`;
}

/** Names and messages come from the cloud and may hold anything; at a terminal they are text. */
function printable(lines: readonly string[]): string {
  return lines.join('\n').replaceAll(/[^\P{C}\n]/gu, '?');
}

function inSeconds(seconds: number | null): string {
  return seconds === null ? '?' : `${seconds} s`;
}
