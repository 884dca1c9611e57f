import { z } from 'zod';
import {
  BY_LENGTH_MAX,
  MAINTENANCE_MAX,
  NO_ORDERS,
  REASON_LENGTH_MAX,
  type Orders,
} from '../domain/orders.ts';
import { canonicalJson } from './artifacts.ts';
import type { StepDeps } from './deps.ts';
import { failure } from './failures.ts';
import { parseJson } from './parseJson.ts';

const ORDERS_BYTES_MAX = 1024 * 1024;

const said = {
  by: z.string().max(BY_LENGTH_MAX),
  at: z.iso.datetime(),
  reason: z.string().max(REASON_LENGTH_MAX),
};

const StoredDocument = z.object({
  schema: z.literal(1),
  installation: z.string(),
  region: z.string(),
  frozen: z.object({ ...said, until: z.iso.datetime().nullable() }).nullable(),
  maintenance: z
    .array(z.object({ ...said, hypervisor: z.string(), until: z.iso.datetime() }))
    .max(MAINTENANCE_MAX),
});

/** The orders as they are stored, those whose time is over among them. */
export interface StoredOrders {
  readonly orders: Orders;
  /** `null` where there are none. */
  readonly etag: string | null;
}

/** Where a region's orders lie: beside its plans and reports, and kept however old they get. */
export function ordersKey({ artifactsPrefix, region, installation }: StepDeps): string {
  return `${artifactsPrefix}${region}/orders/${installation}.json`;
}

/**
 * Reads what people have ordered.
 * @throws failure `malformedDocument`, terminal: orders that nobody can read may say that the region is frozen.
 */
export async function readOrders(deps: StepDeps): Promise<StoredOrders> {
  const key = ordersKey(deps);
  const stored = await deps.artifacts.getObject(key, { maxBytes: ORDERS_BYTES_MAX });
  if (stored === undefined) return { orders: NO_ORDERS, etag: null };
  const parsed = StoredDocument.safeParse(parseJson(stored.body));
  const isOurs =
    parsed.success && parsed.data.installation === deps.installation && parsed.data.region === deps.region;
  if (!isOurs) {
    const message = `${key} in S3 doesn't hold the orders of this region, and it may be frozen; look at it and remove it, then order anew what is to stand`;
    throw failure('malformedDocument', message, { terminal: true });
  }
  const { frozen, maintenance } = parsed.data;
  return { orders: { frozen, maintenance }, etag: stored.etag };
}

/** Writes orders, on condition that nobody else has written any since they were read. */
export async function writeOrders(deps: StepDeps, { etag }: StoredOrders, orders: Orders): Promise<void> {
  const { installation, region } = deps;
  const body = canonicalJson({ schema: 1, installation, region, ...orders });
  const condition = etag === null ? ({ ifNoneMatch: '*' } as const) : { ifMatch: etag };
  await deps.artifacts.putObject(ordersKey(deps), `${body}\n`, {
    contentType: 'application/json',
    ...condition,
  });
}
