import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { PassReport } from '../domain/pass.ts';

/** Shows a step, with what has become known since the last one. */
export type Show = (step: string, more?: Partial<PassReport>) => void;

/** The pass as a person reads it in the Web UI: Markdown, made anew at each step. */
export function showProgress(step: string, report: Partial<PassReport> & { readonly region: string }): void {
  const lines = [`### ${report.region}: ${step}`, ''];
  if (report.plan !== undefined) {
    const { create, replace, reboot = 0, delete: remove, keep, defer } = report.plan;
    const reboots = reboot > 0 ? ` · reboot ${reboot}` : '';
    lines.push(
      `create ${create} · replace ${replace}${reboots} · delete ${remove} · keep ${keep} · defer ${defer}`,
      '',
    );
  }
  for (const held of report.held ?? []) lines.push(`- **held:** ${held}`);
  if (report.changes !== undefined && report.changes.length > 0) {
    lines.push('', '| hypervisor | action | why |', '| --- | --- | --- |');
    for (const change of report.changes) {
      lines.push(`| ${cell(change.hypervisor)} | ${change.action} | ${cell(change.reason)} |`);
    }
  }
  for (const { kind, hypervisor, message } of report.findings ?? [])
    lines.push('', `- ${kind}: ${cell(hypervisor)}: ${cell(message)}`);
  for (const failed of report.failures ?? []) {
    lines.push('', `- **${failed.step} failed** on ${cell(failed.hypervisor)}: ${cell(failed.message)}`);
  }
  setCurrentDetails(lines.join('\n'));
}

/** Names and messages come from the cloud and may hold anything; in a table they are text. */
function cell(text: string): string {
  return text.replaceAll(/[|`<>[\]\\\r\n]/g, ' ').slice(0, 300);
}

/** The id of a pass: sorts by time and is unique; the artifacts of a pass lie under it. */
export function passId(): string {
  const { startTime, runId } = workflowInfo();
  const time = startTime.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `${time}-${runId.slice(0, 8)}`;
}
