import type { DestroyReport } from '../../domain/destruction.ts';
import type { Paint } from '../terminal/paint.ts';
import { printableValue } from '../terminal/printable.ts';
import { renderFailures } from './report.ts';

/** What became of a region, with what became of its schedule, which workers know nothing of. */
export type Destroyed = DestroyReport & {
  readonly schedule: 'present' | 'removed' | 'absent' | 'foreign';
};

/** Whether there is anything of a region that could be removed. */
export function isAnythingThere({ plan, documents, silences, schedule }: Destroyed): boolean {
  return plan.delete + plan.defer + documents.length + silences > 0 || schedule === 'present';
}

/** What there is of a region, before a person says that it may go. */
export function renderDoomed(raw: Destroyed, paint: Paint): string {
  const { region, plan, changes, documents, silences, schedule, kept } = printableValue(raw);
  const more = plan.delete + plan.defer - changes.length;
  if (!isAnythingThere(raw)) return `${paint('strong', region)}: nothing is left of it${describeKept(kept)}`;
  return [
    `${paint('strong', region)}: what will be removed`,
    ...changes.map(({ action, reason }) =>
      action === 'delete'
        ? `  ${paint('bad', '- probe')}     ${reason}`
        : `  ${paint('changed', '· probe')}     ${reason}`,
    ),
    ...(more > 0 ? [`              … and ${more} more: ${raw.artifacts.plan.key} in S3`] : []),
    ...documents.map((place) => `  ${paint('bad', '- document')}  ${place}`),
    ...(silences === 0 ? [] : [`  ${paint('bad', '- silences')}  ${silences}`]),
    ...(schedule === 'present' ? [`  ${paint('bad', '- schedule')}  region/${region}`] : []),
    `  probes ${plan.delete}, documents ${documents.length}, silences ${silences}, probes that stay ${plan.defer}`,
    ...describeForeign(schedule, region, paint),
    ...(plan.defer === 0
      ? []
      : [
          paint(
            'changed',
            '  --force-down deletes those that stay too: only where their hypervisors are off for good, since a guest that\n  lives on keeps an address that Nova gives to another server',
          ),
        ]),
  ].join('\n');
}

/** What was removed and what is left. */
export function renderDestroyed(raw: Destroyed, paint: Paint): string {
  const { region, outcome, deleted, documents, schedule, left, probesLeft, kept } = printableValue(raw);
  const isGone = outcome === 'destroyed';
  const hidden = probesLeft - raw.failures.length - left.filter(({ what }) => what === 'probe').length;
  return [
    `${paint('strong', region)}: ${paint(isGone ? 'good' : 'bad', isGone ? 'destroyed' : 'not wholly destroyed')}`,
    `  deleted ${deleted} probes${schedule === 'removed' ? ', removed the schedule' : ''}`,
    ...documents.map((place) => `  removed ${place}`),
    ...left.map(({ name, why }) => `  ${paint('bad', `LEFT ${name}`)}: ${why}`),
    ...(hidden > 0 ? [`  … and ${hidden} more probes`] : []),
    ...renderFailures({ failures: raw.failures, failedChecks: [] }, paint),
    ...describeForeign(schedule, region, paint),
    ...(isGone ? [] : [`  cure what is named above, then run it again: innervisor destroy ${region}`]),
    `  kept${describeKept(kept)}`,
  ].join('\n');
}

function describeKept({ prefix, keepDays }: DestroyReport['kept']): string {
  return `: plans and reports below ${prefix} in S3, for you to remove when nobody needs them; no pass removes them after ${keepDays} days any more`;
}

function describeForeign(schedule: Destroyed['schedule'], region: string, paint: Paint): readonly string[] {
  if (schedule !== 'foreign') return [];
  return [
    paint('changed', `  the schedule region/${region} belongs to another installation and is left alone`),
  ];
}
