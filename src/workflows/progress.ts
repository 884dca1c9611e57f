import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { PassReport } from '../domain/pass.ts';
import { names } from './contract.ts';

/** What a person sees of a pass: its report as far as it has come, and what waits for their word. */
export type Progress = Partial<PassReport> & {
  /** The hash of the plan that waits for a person's word at this moment. */
  readonly awaitsApproval?: string | null;
};

/** Shows a step, with what has become known since the last one. */
export type Show = (step: string, more?: Progress) => void;

/** The pass as a person reads it in the Web UI: Markdown, made anew at each step. */
export function showProgress(step: string, report: Progress & { readonly region: string }): void {
  setCurrentDetails(
    [
      [`### ${report.region}: ${plain(step)}`],
      describeApproval(report),
      describePlan(report),
      describeResult(report),
      describeFailures(report),
      describeArtifacts(report),
    ]
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.join('\n'))
      .join('\n\n'),
  );
}

/** What to type where a plan waits: with our command, with Temporal's, and with the one that knows no updates. */
function describeApproval({ region, awaitsApproval }: Progress): readonly string[] {
  if (region === undefined || awaitsApproval == null) return [];
  const input = `--input '{"plan":"${awaitsApproval}","by":"your name"}'`;
  const id = names.passWorkflowId(region);
  return [
    '**This plan waits for your word**: `approve`, or `reject` in its place. Each of these says it:',
    '',
    '```sh',
    `innervisor approve ${region} --plan ${awaitsApproval}`,
    `temporal workflow update execute --workflow-id ${id} --name approve ${input}`,
    `tctl workflow signal --workflow_id ${id} --name approve ${input}`,
    '```',
  ];
}

function describePlan({ plan, held = [], changes = [] }: Progress): readonly string[] {
  if (plan === undefined) return [];
  const { create, replace, reboot = 0, delete: remove, keep, defer } = plan;
  const isCut = create + replace + reboot + remove + defer > changes.length;
  return [
    `**Plan**: create ${create} · replace ${replace} · reboot ${reboot} · delete ${remove} · keep ${keep} · defer ${defer}`,
    ...held.map((reason) => `- **held:** ${plain(reason)}`),
    ...(changes.length === 0
      ? ['', 'Nothing to do: all is as planned.']
      : ['', '| hypervisor | action | why |', '| --- | --- | --- |']),
    ...changes.map(
      ({ hypervisor, action, reason }) => `| ${plain(hypervisor)} | ${action} | ${plain(reason)} |`,
    ),
    ...(isCut ? ['', `These are the first ${changes.length} changes.`] : []),
  ];
}

/** Only a pass that has come to its end says what it did. */
function describeResult({
  outcome,
  created,
  replaced,
  deleted,
  rebooted = 0,
  verified,
  generation,
}: Progress) {
  if (outcome !== 'converged' && outcome !== 'degraded') return [];
  return [
    `**Done**: created ${created} · replaced ${replaced} · rebooted ${rebooted} · deleted ${deleted} · verified ${verified} · list of peers ${generation}`,
  ];
}

function describeFailures({
  findings = [],
  failures = [],
  failedChecks = [],
  unequalReplicas = [],
}: Progress): readonly string[] {
  return [
    ...findings.map(({ kind, hypervisor, message }) => `- ${kind}: ${plain(hypervisor)}: ${plain(message)}`),
    ...failures.map(
      ({ step, hypervisor, message }) => `- **${step} failed** on ${plain(hypervisor)}: ${plain(message)}`,
    ),
    ...failedChecks.map((check) => describeCheck(check)),
    ...unequalReplicas.map(
      ({ replica, difference }) => `- **${plain(replica)} lacks targets**: ${plain(difference)}`,
    ),
  ];
}

function describeCheck({ check, hypervisor, detail }: PassReport['failedChecks'][number]): string {
  return `- **check ${check} failed** on ${plain(hypervisor)}: ${plain(detail)}`;
}

function describeArtifacts({ pass, artifacts }: Progress): readonly string[] {
  if (artifacts === undefined) return [];
  return [`Pass \`${pass}\`; the whole plan: \`${artifacts.plan.key}\``];
}

/** Names and messages come from the cloud and may hold anything; here they are text. */
function plain(text: string): string {
  return text.replaceAll(/[|`<>[\]\\\r\n]/g, ' ').slice(0, 300);
}

/** The id of a pass: sorts by time and is unique; the artifacts of a pass lie under it. */
export function passId(): string {
  const { startTime, runId } = workflowInfo();
  const time = startTime.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `${time}-${runId.slice(0, 8)}`;
}
