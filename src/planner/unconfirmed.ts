import type { Hypervisor } from '../domain/hypervisor.ts';
import type { Reason } from '../domain/plan.ts';
import type { PlanInput } from './input.ts';

/** Why no new probe is made on a hypervisor on which there may be one already; `undefined` where there is none. */
export function unconfirmedReason(
  { hostname }: Hypervisor,
  { inventory }: Pick<PlanInput, 'inventory'>,
): Reason | undefined {
  const made = inventory.unconfirmed?.find(({ hypervisor }) => hypervisor === hostname);
  if (made === undefined) return undefined;
  return {
    code: 'unlisted',
    text: `made as server ${made.serverId}, not in Nova’s list, and not confirmed to be gone`,
  };
}
