import type { Client } from '@temporalio/client';
import { computeInForce, type Freeze, type PlacedOrder } from '../../domain/orders.ts';
import { names } from '../../workflows/contract.ts';
import type { LastPass } from './read.ts';

/** What is known to stand in a region. */
export interface KnownOrders {
  readonly frozen: Freeze | null;
  /** How many hypervisors are in maintenance; `null` where no order is remembered. */
  readonly inMaintenance: number | null;
}

/** Puts together what the newest order left and what the last pass found, whichever is newer, without asking a worker. */
export async function readKnownOrders(
  client: Client,
  region: string,
  last: LastPass | null,
  nowMs: number,
): Promise<KnownOrders> {
  const newest = await findNewest(client, region);
  const placed = newest === undefined ? undefined : inForce(newest.placed, nowMs);
  const isNewer = newest === undefined || (last !== null && Date.parse(last.startedAt) > newest.endedMs);
  const found = computeInForce({ frozen: last?.frozen ?? null, maintenance: [] }, nowMs).frozen;
  return {
    frozen: isNewer ? found : (placed?.frozen ?? null),
    inMaintenance: placed?.inMaintenance ?? null,
  };
}

/** Of a long list only the first are known by name; of the others it isn't known whether they are over. */
function inForce(placed: PlacedOrder, nowMs: number): KnownOrders {
  const { frozen, maintenance } = computeInForce(placed, nowMs);
  return { frozen, inMaintenance: placed.inMaintenance - placed.maintenance.length + maintenance.length };
}

async function findNewest(
  client: Client,
  region: string,
): Promise<{ readonly placed: PlacedOrder; readonly endedMs: number } | undefined> {
  const query = `WorkflowId = '${names.ordersWorkflowId(region)}' AND ExecutionStatus = 'Completed'`;
  for await (const { workflowId, runId, closeTime } of client.workflow.list({ query, pageSize: 1 })) {
    const handle = client.workflow.getHandle<() => Promise<PlacedOrder>>(workflowId, runId, {
      followRuns: false,
    });
    return { placed: await handle.result(), endedMs: closeTime?.getTime() ?? 0 };
  }
  return undefined;
}
