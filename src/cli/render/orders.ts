import { describeSaid, describeTime, type PlacedOrder } from '../../domain/orders.ts';
import type { Settled } from '../orders/settle.ts';
import type { Paint, Style } from '../terminal/paint.ts';
import { printableValue } from '../terminal/printable.ts';
import { renderTable } from '../terminal/table.ts';

/** Whether a region is frozen after somebody froze it or lifted that. */
export function renderFreeze(raw: PlacedOrder, paint: Paint): string {
  const { region, frozen, changed } = printableValue(raw);
  const name = paint('strong', region);
  if (frozen !== null) return `${name}: ${paint('changed', 'frozen')} ${describeSaid(frozen)}`;
  if (!changed) return `${name}: was not frozen`;
  return `${name}: ${paint('good', 'no longer frozen')}; the next pass goes on, innervisor reconcile ${region} starts one now`;
}

const STYLES: Readonly<Record<Settled['outcome'], Style>> = {
  'without probe': 'good',
  'probe back': 'good',
  'not selected': 'plain',
  down: 'changed',
  held: 'changed',
  frozen: 'changed',
  'not yet': 'bad',
};

/** How a hypervisor is after somebody took it into maintenance or ended that. */
export function renderSettled(raw: Settled, paint: Paint): string {
  const { region, hypervisor, outcome, why } = printableValue(raw);
  const [first = '', ...more] = why;
  return [
    `${paint('strong', region)}: ${hypervisor}: ${paint(STYLES[outcome], outcome)}: ${first}`,
    ...more.map((line) => `  ${line}`),
  ].join('\n');
}

/** What a region's hypervisors in maintenance are, until when, by whom and why. */
export function renderMaintenance(raw: PlacedOrder, paint: Paint): string {
  const { region, maintenance, inMaintenance } = printableValue(raw);
  const title = `${paint('strong', region)}: hypervisors in maintenance: ${inMaintenance}`;
  if (maintenance.length === 0) return title;
  const rows = maintenance.map(({ hypervisor, until, by, at, reason }) => [
    hypervisor,
    describeTime(until),
    describeTime(at),
    by,
    reason,
  ]);
  const more = inMaintenance - maintenance.length;
  return [
    title,
    renderTable(['hypervisor', 'until', 'since', 'by', 'why'], rows, paint),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ].join('\n');
}
