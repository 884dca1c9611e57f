import type { ReconcileResult } from '../workflows/contract.ts';

/** A pass's outcome for a person at a terminal. */
export function renderResult(result: ReconcileResult): string {
  if (result.outcome === 'already running') return result.message;
  const { plan } = result;
  const lines = [
    `${result.region}: ${result.outcome}`,
    `  hypervisors ${result.hypervisors}, selected ${result.selected}, deferred ${result.deferred}`,
    `  plan: create ${plan.create}, replace ${plan.replace}, delete ${plan.delete}, keep ${plan.keep}, defer ${plan.defer}`,
    `  done: created ${result.created}, replaced ${result.replaced}, deleted ${result.deleted}, verified ${result.verified}`,
    ...result.held.map((why) => `  held: ${why}`),
    ...result.changes.map((change) => `  ${change.action.padEnd(7)} ${change.hypervisor}: ${change.reason}`),
    ...result.failures.map((failed) => `  FAILED ${failed.step} ${failed.hypervisor}: ${failed.message}`),
    ...result.failedChecks.map(
      (check) => `  FAILED check ${check.check} ${check.hypervisor}: ${check.detail}`,
    ),
    ...(result.slowestBoots ?? []).map(
      (boot) =>
        `  slow to come up: ${boot.hypervisor}, active after ${inSeconds(boot.activeSeconds)}, answering after ${inSeconds(boot.answerSeconds)}`,
    ),
  ];
  return lines.join('\n').replaceAll(/[^\P{C}\n]/gu, '?');
}

function inSeconds(seconds: number | null): string {
  return seconds === null ? '?' : `${seconds} s`;
}
