import type { Cancelled, DoneStep } from '../pass/cancel.ts';
import type { Paint } from '../terminal/paint.ts';
import { printableValue } from '../terminal/printable.ts';
import { renderCounts } from './plan.ts';

/** What a pass that was asked to stop has done and what it has left. */
export function renderCancelled(raw: Cancelled, paint: Paint): string {
  const { region, outcome, message, step, plan, done, stopped, compensated } = printableValue(raw);
  const name = paint('strong', region);
  if (outcome === 'idle') return `${name}: ${paint('quiet', 'no pass was under way')}`;
  const where = step === null ? '' : ` while ${step}`;
  return [
    `${name}: ${TITLES[outcome]}${outcome === 'ended' ? '' : where}`,
    ...(message === null ? [] : [paint('bad', `  ${message}`)]),
    `  ${plan === null ? 'nothing was planned yet' : `${renderCounts(plan)}`}`,
    ...done.map((one) => `  ${paint('good', 'done    ')} ${renderStep(one)}`),
    ...stopped.map((one) => `  ${paint('changed', 'stopped ')} ${renderStep(one)}`),
    ...(compensated ? [`  ${paint('good', 'undone  ')} silences that are no longer needed were ended`] : []),
    ...(outcome === 'failed' ? ['  what each kind of failure means and what to do: docs/failures.md'] : []),
    ...(outcome === 'ended'
      ? []
      : [`  nothing else was done; the next pass goes on from what it finds: innervisor plan ${region}`]),
  ].join('\n');
}

const TITLES = {
  cancelled: 'cancelled',
  ended: 'the pass came to its own end before it could be stopped',
  failed: 'the pass failed instead of being cancelled',
} as const;

function renderStep({ step, calls, ended, counts }: DoneStep): string {
  const slices = calls > 1 ? ` (${ended} of ${calls})` : '';
  const numbers = Object.entries(counts).filter(([, number]) => number > 0);
  return `${step}${slices}${numbers.length === 0 ? '' : `: ${numbers.map(([key, number]) => `${key} ${number}`).join(', ')}`}`;
}
