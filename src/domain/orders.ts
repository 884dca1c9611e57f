import { compareText } from './document.ts';

/** Longest reason and name that are kept, in characters. */
export const REASON_LENGTH_MAX = 200;
/** As {@link REASON_LENGTH_MAX}, for who gave an order. */
export const BY_LENGTH_MAX = 100;
/** Hypervisors of one region that can be in maintenance at a time. */
export const MAINTENANCE_MAX = 500;

interface Said {
  /** Who said so, as they call themselves. */
  readonly by: string;
  /** Since when, in ISO 8601. */
  readonly at: string;
  readonly reason: string;
}

/** Somebody wants a region to be left as it is: no pass changes anything there, whoever starts it. */
export interface Freeze extends Said {
  /** When it ends by itself, in ISO 8601; `null` for one that somebody has to lift. */
  readonly until: string | null;
}

/** Somebody works on a hypervisor, so that it carries no probe meanwhile. */
export interface Maintenance extends Said {
  readonly hypervisor: string;
  /** When it ends by itself, in ISO 8601. */
  readonly until: string;
}

/** What people have ordered in a region and no cloud knows. */
export interface Orders {
  readonly frozen: Freeze | null;
  /** One for each hypervisor, sorted by it. */
  readonly maintenance: readonly Maintenance[];
}

/** Nobody has ordered anything. */
export const NO_ORDERS: Orders = { frozen: null, maintenance: [] };

/** What somebody may order; times are in ISO 8601. */
export type Order =
  | ({ readonly kind: 'freeze' } & Omit<Freeze, 'at'>)
  | { readonly kind: 'unfreeze' }
  | ({ readonly kind: 'beginMaintenance' } & Omit<Maintenance, 'at'>)
  | { readonly kind: 'endMaintenance'; readonly hypervisor: string };

/** What stands in a region after an order. */
export interface PlacedOrder {
  readonly region: string;
  /** Whether the order changed what stands; one that lifts something may say no when its worker died over it. */
  readonly changed: boolean;
  /** The hypervisor of the order, by its full name. */
  readonly hypervisor?: string;
  readonly frozen: Freeze | null;
  /** How many hypervisors are in maintenance, and the first of them. */
  readonly inMaintenance: number;
  readonly maintenance: readonly Maintenance[];
}

/** What still counts: an order whose time is over is none. */
export function computeInForce({ frozen, maintenance }: Orders, nowMs: number): Orders {
  const isInForce = ({ until }: Pick<Freeze, 'until'>): boolean =>
    until === null || Date.parse(until) > nowMs;
  return {
    frozen: frozen !== null && isInForce(frozen) ? frozen : null,
    maintenance: maintenance.filter(isInForce),
  };
}

/** What stands once somebody has given an order; one that says what stands already changes nothing. */
export function computeOrders(before: Orders, order: Order, at: string): Orders {
  switch (order.kind) {
    case 'freeze': {
      const { by, reason, until } = order;
      const same = isSame(before.frozen, order);
      return { ...before, frozen: same ? before.frozen : { by, at, reason, until } };
    }
    case 'unfreeze':
      return { ...before, frozen: null };
    case 'beginMaintenance': {
      const { hypervisor, by, reason, until } = order;
      const present = before.maintenance.find((one) => one.hypervisor === hypervisor) ?? null;
      if (isSame(present, order)) return before;
      const others = without(before, hypervisor);
      const own = { hypervisor, by, at, reason, until };
      return {
        ...before,
        maintenance: [...others, own].toSorted((a, b) => compareText(a.hypervisor, b.hypervisor)),
      };
    }
    case 'endMaintenance':
      return { ...before, maintenance: without(before, order.hypervisor) };
  }
}

function without({ maintenance }: Orders, hypervisor: string): readonly Maintenance[] {
  return maintenance.filter((one) => one.hypervisor !== hypervisor);
}

function isSame(present: Omit<Freeze, 'at'> | null, wanted: Omit<Freeze, 'at'>): boolean {
  return (
    present !== null &&
    present.by === wanted.by &&
    present.reason === wanted.reason &&
    present.until === wanted.until
  );
}

/** `by me@host since 2026-11-25 19:00Z until 2026-11-25 21:00Z: network works`. */
export function describeSaid({ by, at, reason, until }: Freeze): string {
  const end = until === null ? '' : ` until ${describeTime(until)}`;
  return `by ${by} since ${describeTime(at)}${end}: ${reason}`;
}

/** A time in ISO 8601 to the minute, as people read it. */
export function describeTime(at: string): string {
  return `${at.slice(0, 10)} ${at.slice(11, 16)}Z`;
}
