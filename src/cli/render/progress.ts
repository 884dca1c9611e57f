import { nameStep, type Step } from '../pass/steps.ts';
import type { PassView } from '../pass/watch.ts';
import type { Paint } from '../terminal/paint.ts';
import { renderDuration } from '../terminal/units.ts';

const NAME_LENGTH = 22;
const PROBE_FAILURES_MAX = 5;
const MARKS = { done: ['✓', 'good'], failed: ['✗', 'bad'], cancelled: ['■', 'changed'] } as const;
const SPINNER = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

/** A pass as it goes on: where it is, each step with its time and what it counted, and what it waits for. */
export function renderProgress(view: PassView, nowMs: number, paint: Paint): readonly string[] {
  const elapsed = renderDuration(nowMs - view.startedMs);
  const headline = view.progress?.step ?? 'under way; no worker answers at the moment';
  return [
    `${paint('strong', view.region)} ${paint('quiet', elapsed)} ${headline}`,
    ...view.steps.flatMap((step) => renderStep(step, view, nowMs, paint)),
  ];
}

/** What a step's results count, such as `created 9, failed 1`; what is zero is left out. */
export function renderStepCounts({ counts, calls, ended, state }: Step): string {
  const slices = calls > 1 ? [`${ended} of ${calls}`] : [];
  const counted = state === 'running' ? [] : Object.entries(counts).filter(([, number]) => number > 0);
  return [...slices, ...counted.map(([name, number]) => `${name} ${number}`)].join(', ');
}

function renderStep(step: Step, { retries, told }: PassView, nowMs: number, paint: Paint): readonly string[] {
  const { activity, state, startedMs, endedMs, probeFailures } = step;
  const isRunning = state === 'running';
  const [mark, style] = isRunning ? [spin(nowMs), 'plain' as const] : MARKS[state];
  const said = (isRunning ? told[activity] : undefined) ?? renderStepCounts(step);
  const time = renderDuration((endedMs ?? nowMs) - startedMs);
  const left = probeFailures.length - PROBE_FAILURES_MAX;
  return [
    `  ${paint(style, mark)} ${nameStep(activity).padEnd(NAME_LENGTH)} ${time.padStart(9)}  ${said}`.trimEnd(),
    ...probeFailures
      .slice(0, PROBE_FAILURES_MAX)
      .map(({ hypervisor, message }) => paint('bad', `      ${hypervisor}: ${message}`)),
    ...(left > 0 ? [paint('bad', `      … and ${left} more`)] : []),
    ...(step.failure === null ? [] : [paint('bad', `      ${step.failure}`)]),
    ...(isRunning ? retries : [])
      .filter((retry) => retry.activity === activity)
      .map(({ attempt, why }) => paint('changed', `      attempt ${attempt}, because: ${why}`)),
  ];
}

function spin(nowMs: number): string {
  return SPINNER[Math.floor(nowMs / 100) % SPINNER.length] ?? '';
}
