import type { PassReport } from '../domain/pass.ts';
import type { ReconcileResult } from '../workflows/contract.ts';

/** A pass's outcome for a person at a terminal. */
export function renderResult(result: ReconcileResult): string {
  if (result.outcome === 'already running') return result.message;
  const reboots = (result.rebooted ?? 0) > 0 ? `, rebooted ${result.rebooted}` : '';
  const lines = [
    `${result.region}: ${result.outcome}${renderDecision(result)}`,
    `  hypervisors ${result.hypervisors}, selected ${result.selected}, deferred ${result.deferred}`,
    renderCounts(result),
    `  done: created ${result.created}, replaced ${result.replaced}, deleted ${result.deleted}${reboots}, verified ${result.verified}`,
    ...renderChanges(result),
    ...(result.findings ?? []).map(({ kind, hypervisor, message }) => `  ${kind} ${hypervisor}: ${message}`),
    ...result.failures.flatMap((failed) => [
      `  FAILED ${failed.step} ${failed.hypervisor}: ${failed.message}`,
      ...renderConsole(failed.console),
    ]),
    ...result.failedChecks.flatMap((check) => [
      `  FAILED check ${check.check} ${check.hypervisor}: ${check.detail}`,
      ...renderConsole(check.console),
    ]),
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
  const reboots = (plan.reboot ?? 0) > 0 ? `, reboot ${plan.reboot}` : '';
  return `  plan: create ${plan.create}, replace ${plan.replace}${reboots}, delete ${plan.delete}, keep ${plan.keep}, defer ${plan.defer}`;
}

function renderChanges({ held, changes, plan }: PassReport): readonly string[] {
  const left = plan.create + plan.replace + (plan.reboot ?? 0) + plan.delete + plan.defer - changes.length;
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

/** What a probe printed last, told apart from what we say by a bar before each line. */
function renderConsole(output = ''): readonly string[] {
  return output === '' ? [] : output.split('\n').map((line) => `    | ${line}`);
}

/** Names and messages come from the cloud and may hold anything; at a terminal they are text. */
function printable(lines: readonly string[]): string {
  return lines.join('\n').replaceAll(/[^\P{C}\n]/gu, '?');
}

function inSeconds(seconds: number | null): string {
  return seconds === null ? '?' : `${seconds} s`;
}
