import { describeSaid, type PlacedOrder } from '../../domain/orders.ts';
import type { Paint } from '../terminal/paint.ts';
import { printableValue } from '../terminal/printable.ts';

/** Whether a region is frozen after somebody froze it or lifted that. */
export function renderFreeze(raw: PlacedOrder, paint: Paint): string {
  const { region, frozen, changed } = printableValue(raw);
  const name = paint('strong', region);
  if (frozen !== null) return `${name}: ${paint('changed', 'frozen')} ${describeSaid(frozen)}`;
  if (!changed) return `${name}: was not frozen`;
  return `${name}: ${paint('good', 'no longer frozen')}; the next pass goes on, innervisor reconcile ${region} starts one now`;
}
