import { describeSaid } from '../../domain/orders.ts';
import type { PassReport, PlanLine } from '../../domain/pass.ts';
import type { PlanCounts } from '../../domain/plan.ts';
import type { Paint, Style } from '../terminal/paint.ts';
import { printableValue } from '../terminal/printable.ts';

/** As Terraform has them: `+/-` makes the new one before the old one goes. */
const SIGNS: Readonly<Record<string, readonly [sign: string, style: Style]>> = {
  create: ['+', 'good'],
  replace: ['+/-', 'changed'],
  reboot: ['~', 'changed'],
  delete: ['-', 'bad'],
  defer: ['·', 'quiet'],
};
/** What is kept stands among the changes when a pass remembers or forgets that it has a reason to go. */
const REMEMBERED = ['!', 'changed'] as const;

/** What a plan can be shown from. */
export type Planned = Pick<PassReport, 'region' | 'plan' | 'changes' | 'held' | 'planHash' | 'frozen'>;

/** Whether carrying out the plan would change anything. */
export function isChange({ create, replace, reboot = 0, delete: remove, marks }: PlanCounts): boolean {
  return create + replace + reboot + remove + marks > 0;
}

/** A plan as a difference: each line with its sign, its hypervisor and its reason, and what they add up to. */
export function renderPlan(planned: Planned, paint: Paint): string {
  const { region, plan, held, planHash, frozen, ...rest } = printableValue(planned);
  return [
    `${paint('strong', region)}: ${titleOf(plan)}${planHash === undefined ? '' : `, plan ${planHash}`}`,
    ...renderChanges({ plan, changes: rest.changes }, paint),
    ...renderHeld(held, paint),
    ...renderFrozen(frozen, paint),
    `  ${renderCounts(plan)}`,
  ].join('\n');
}

function titleOf(plan: PlanCounts): string {
  if (isChange(plan)) return 'what a pass would do';
  return plan.defer > 0 ? 'nothing to do now' : 'nothing to do: all is as planned';
}

/** One line a change, and how many more there are; they must be printable. */
export function renderChanges(
  { plan, changes }: { readonly plan: PlanCounts; readonly changes: readonly PlanLine[] },
  paint: Paint,
): readonly string[] {
  const { create, replace, reboot = 0, delete: remove, defer } = plan;
  const left = create + replace + reboot + remove + defer + keptMarks(plan, changes) - changes.length;
  return [
    ...changes.map(({ action, hypervisor, reason }) => {
      const [sign, style] = SIGNS[action] ?? REMEMBERED;
      return `  ${paint(style, `${sign.padEnd(3)} ${action.padEnd(7)} ${hypervisor}`)}: ${reason}`;
    }),
    ...(left > 0
      ? [paint('quiet', `      … and ${left} more; innervisor plan REGION --full shows all`)]
      : []),
  ];
}

/** Why the guard holds a plan, a line each. */
export function renderHeld(held: readonly string[], paint: Paint): readonly string[] {
  return held.map((why) => paint('bad', `  held: ${why}`));
}

/** That what is planned isn't done until somebody lifts a freeze. */
export function renderFrozen(frozen: PassReport['frozen'], paint: Paint): readonly string[] {
  if (frozen === undefined) return [];
  return [
    paint('changed', `  frozen ${describeSaid(frozen)}; no pass changes anything until that is lifted`),
  ];
}

/** How many there are of each action. */
export function renderCounts(counts: PlanCounts): string {
  const { create, replace, reboot = 0, delete: remove, keep, defer, marks } = counts;
  const reboots = reboot === 0 ? '' : `, reboot ${reboot}`;
  const remembered = marks === 0 ? '' : `, remember ${marks}`;
  return `plan: create ${create}, replace ${replace}${reboots}, delete ${remove}, keep ${keep}, defer ${defer}${remembered}`;
}

/** Marks on probes that are kept are changes of their own; which of the marks are is only known of those shown. */
function keptMarks({ marks }: PlanCounts, changes: readonly PlanLine[]): number {
  return Math.min(marks, changes.filter(({ action }) => action === 'keep' || action === 'none').length);
}
