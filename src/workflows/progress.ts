import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { describeSaid } from '../domain/orders.ts';
import type { FrozenPass, PassReport } from '../domain/pass.ts';
import { names } from './contract.ts';
import { counts, fitting, name, plain } from './markdown.ts';

/** What a person sees of a pass: its report as far as it has come, and what waits for their word. */
export type Progress = Partial<Omit<PassReport, 'outcome'>> & {
  readonly outcome?: PassReport['outcome'] | FrozenPass['outcome'];
  /** The hash of the plan that waits for a person's word at this moment. */
  readonly awaitsApproval?: string | null;
  /** Who has made it stand still at this moment. */
  readonly pausedBy?: string | null;
};

/** Shows a step, with what has become known since the last one. */
export type Show = (step: string, more?: Progress) => void;

/** Lengths in a URL; together with the rest they stay below the 8 KB that proxies commonly take. */
const CHANGES_LENGTH_MAX = 3_500;
const FAILURES_LENGTH_MAX = 2_000;

/** The pass as a person reads it in the Web UI: Markdown, made anew at each step. What needs a person stands first. */
export function showProgress(step: string, report: Progress & { readonly region: string }): void {
  setCurrentDetails(
    [
      [`### ${report.region}: ${plain(step)}`],
      describeFrozen(report),
      describeFailures(report),
      describeHeld(report),
      describeWord(report),
      describePlan(report),
      describeResult(report),
      describeCommands(report),
      describeArtifacts(report),
    ]
      .filter((lines) => lines.length > 0)
      .map((lines) => lines.join('\n'))
      .join('\n\n'),
  );
}

/** Who wants the region to be left as it is, and how to lift that here. */
function describeFrozen({ frozen, region, outcome }: Progress & { readonly region: string }) {
  if (frozen === undefined) return [];
  const said = `**Frozen** ${plain(describeSaid(frozen))}`;
  if (outcome !== 'frozen') return [`${said}. A pass would change nothing until that is lifted.`];
  return [
    said,
    '',
    `To lift it: \`innervisor unfreeze ${region}\`, or start workflow \`${names.orderRegion}\` with this as _Input_:`,
    '',
    '```json',
    JSON.stringify({ region, order: 'unfreeze', by: 'your name' }),
    '```',
  ];
}

function describeFailures({
  findings = [],
  failures = [],
  failedChecks = [],
  unequalReplicas = [],
}: Progress): readonly string[] {
  const all = [
    ...failures.map(
      ({ step, hypervisor, message }) => `- **${step} failed** on ${name(hypervisor)}: ${plain(message)}`,
    ),
    ...failedChecks.map(
      ({ check, hypervisor, detail }) =>
        `- **check ${check} failed** on ${name(hypervisor)}: ${plain(detail)}`,
    ),
    ...unequalReplicas.map(
      ({ replica, difference }) => `- **${plain(replica)} lacks targets**: ${plain(difference)}`,
    ),
    ...findings.map(({ kind, hypervisor, message }) => `- ${kind}: ${name(hypervisor)}: ${plain(message)}`),
  ];
  const shown = fitting(all, FAILURES_LENGTH_MAX);
  if (shown.length === all.length) return all;
  return [...shown, `- and ${all.length - shown.length} more; the query \`report\` tells them`];
}

function describeHeld({ held = [], decision }: Progress): readonly string[] {
  const by = decision?.by == null ? '' : ` by ${name(decision.by)}`;
  return [
    ...held.map((reason) => `- **held:** ${plain(reason)}`),
    ...(decision === undefined ? [] : [`- **${decision.kind}**${by}`]),
  ];
}

/** What to do in the Web UI itself where the pass waits for a person. */
function describeWord({ awaitsApproval, pausedBy }: Progress): readonly string[] {
  const update = '_More Actions_ → _Send an Update_';
  if (pausedBy != null)
    return [`To let it go on: ${update} → \`resume\`. To end it: _Request Cancellation_.`];
  if (awaitsApproval == null) return [];
  return [
    `**It waits for your word.** Here: ${update} → \`approve\` or \`reject\`, with this as _Data_:`,
    '',
    '```json',
    JSON.stringify({ plan: awaitsApproval, by: 'your name' }),
    '```',
  ];
}

function describePlan({ plan, changes = [] }: Progress): readonly string[] {
  if (plan === undefined) return [];
  const { create, replace, reboot = 0, delete: remove, keep, defer } = plan;
  const total = Math.max(changes.length, create + replace + reboot + remove + defer);
  const summary = `**Plan**: ${counts({ create, replace, reboot, delete: remove, defer, keep })}`;
  if (total === 0) return [summary, '', 'Nothing to do: all is as planned.'];
  const rows = changes.map(
    ({ hypervisor, action, reason }) => `| ${name(hypervisor)} | ${name(action)} | ${plain(reason)} |`,
  );
  const shown = fitting(rows, CHANGES_LENGTH_MAX);
  return [
    summary,
    '',
    '| hypervisor | action | why |',
    '| --- | --- | --- |',
    ...shown,
    ...(total > shown.length ? ['', `These are the first ${shown.length} of ${total} changes.`] : []),
  ];
}

/** Only a pass that has come to its end says what it did. */
function describeResult({ outcome, created, replaced, deleted, rebooted, verified }: Progress) {
  if (outcome !== 'converged' && outcome !== 'degraded') return [];
  return [`**Done**: ${counts({ created, replaced, rebooted, deleted, verified })}`];
}

/** What to type where a plan waits: with our command, with Temporal's, and with the one that knows no updates. */
function describeCommands({ region, awaitsApproval }: Progress): readonly string[] {
  if (region === undefined || awaitsApproval == null) return [];
  const id = names.passWorkflowId(region);
  // Short lines: the Web UI cuts long ones off.
  const input = `  --input '${JSON.stringify({ plan: awaitsApproval, by: 'your name' })}'`;
  return [
    'Or by one of these commands:',
    '',
    '```sh',
    `innervisor approve ${region} --plan ${awaitsApproval}`,
    `temporal workflow update execute --name approve \\`,
    `  --workflow-id ${id} \\`,
    input,
    `tctl workflow signal --name approve \\`,
    `  --workflow_id ${id} \\`,
    input,
    '```',
  ];
}

function describeArtifacts({ pass, artifacts, generation }: Progress): readonly string[] {
  if (artifacts === undefined) return [];
  const peers = generation == null ? '' : `, list of peers \`${generation}\``;
  return [`Pass \`${pass}\`${peers}; the whole plan: \`${artifacts.plan.key}\``];
}

/** The id of a pass: sorts by time and is unique; the artifacts of a pass lie under it. */
export function passId(): string {
  const { startTime, runId } = workflowInfo();
  const time = startTime.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return `${time}-${runId.slice(0, 8)}`;
}
