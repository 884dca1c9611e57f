import {
  computeInForce,
  computeOrders,
  MAINTENANCE_MAX,
  type Order,
  type Orders,
  type PlacedOrder,
} from '../domain/orders.ts';
import { ObjectStoreError } from '../objectstore/error.ts';
import { canonicalJson } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { failure } from './failures.ts';
import { findHypervisor, matchHypervisor } from './hypervisorName.ts';
import { readOrders, writeOrders } from './orders.ts';

/** Each time that somebody else is faster, it is tried again with what they have written. */
const TRIES_MAX = 20;
const LISTED_MAX = 100;

/** Writes down what somebody orders; without an order it only tells what stands. */
export async function placeOrder(
  deps: StepDeps,
  input: PassInput & {
    readonly order: Order | null;
    /** When it was given, in ISO 8601. */
    readonly at: string;
  },
  signal: AbortSignal,
): Promise<PlacedOrder> {
  for (let tries = 1; ; tries += 1) {
    const stored = await readOrders(deps);
    const before = computeInForce(stored.orders, deps.now());
    const order = await nameFully(deps, input.order, before, signal);
    const after = order === null ? before : computeOrders(before, order, input.at);
    if (canonicalJson(after) === canonicalJson(before))
      return describe(deps, order, after, stands(before, order, input.at));
    if (after.maintenance.length > MAINTENANCE_MAX) {
      const message = `${MAINTENANCE_MAX} hypervisors of ${deps.region} are in maintenance, and no more can be; end some`;
      throw failure('badRequest', message, { terminal: true });
    }
    try {
      await writeOrders(deps, stored, after);
      return describe(deps, order, after, true);
    } catch (error) {
      const isOvertaken = error instanceof ObjectStoreError && error.code === 'preconditionFailed';
      if (!isOvertaken || tries === TRIES_MAX) throw error;
    }
  }
}

/** Whether it is this very order that stands: an attempt before this one has written it. */
function stands({ frozen, maintenance }: Orders, order: Order | null, at: string): boolean {
  switch (order?.kind) {
    case 'freeze':
      return frozen?.at === at;
    case 'beginMaintenance':
      return maintenance.some((one) => one.hypervisor === order.hypervisor && one.at === at);
    // What was lifted has left nothing by which to tell.
    case 'unfreeze':
    case 'endMaintenance':
    case undefined:
      return false;
  }
}

/** People may leave out a name's domain. An order that stands is found even when Nova no longer lists its hypervisor. */
async function nameFully(
  deps: StepDeps,
  order: Order | null,
  { maintenance }: Orders,
  signal: AbortSignal,
): Promise<Order | null> {
  if (order?.kind !== 'beginMaintenance' && order?.kind !== 'endMaintenance') return order;
  const standing = maintenance.map(({ hypervisor }) => ({ hostname: hypervisor, serviceHost: hypervisor }));
  const [own, another] = matchHypervisor(standing, order.hypervisor);
  const isStanding = order.kind === 'endMaintenance' && own !== undefined && another === undefined;
  const { hostname } = isStanding ? own : await findHypervisor(deps, order.hypervisor, signal);
  return { ...order, hypervisor: hostname };
}

function describe({ region }: StepDeps, order: Order | null, orders: Orders, changed: boolean): PlacedOrder {
  const { frozen, maintenance } = orders;
  return {
    region,
    changed,
    ...(order !== null && 'hypervisor' in order ? { hypervisor: order.hypervisor } : {}),
    frozen,
    inMaintenance: maintenance.length,
    maintenance: maintenance.slice(0, LISTED_MAX),
  };
}
