import {
  ApplicationFailure,
  executeChild,
  ParentClosePolicy,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import { describeSaid, describeTime, type PlacedOrder } from '../domain/orders.ts';
import { names, type OrderInput } from './contract.ts';
import { fitting, plain } from './markdown.ts';
import { parseOrderInput } from './orderInput.ts';
import { passId } from './progress.ts';
import { shortSteps } from './steps.ts';

/** How often, and how many times, it is tried while another order is being written. */
const RETRY_EVERY_MS = 500;
const TRIES_MAX = 200;

/** In a URL, as proxies take it. */
const LIST_LENGTH_MAX = 5_000;

/**
 * Freezes a region, lifts that, takes a hypervisor into maintenance or ends it; tells what stands then. Under whatever id
 * it is started, it is written under one id per region: so orders are written one after the other, and the newest run says
 * what stands.
 */
export async function orderRegion(input: OrderInput): Promise<PlacedOrder> {
  const { startTime, workflowId: own } = workflowInfo();
  const { region, order } = parseOrderInput(input, startTime.getTime());
  const workflowId = names.ordersWorkflowId(region);
  if (own !== workflowId) return await placeInTurn(workflowId, input);
  const placed = await shortSteps.placeOrder({ region, pass: passId(), order, at: startTime.toISOString() });
  setCurrentDetails(describeOrders(placed));
  return placed;
}

async function placeInTurn(workflowId: string, input: OrderInput): Promise<PlacedOrder> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await executeChild(orderRegion, {
        workflowId,
        args: [input],
        // Half of an order is none: what has begun to be written is written.
        parentClosePolicy: ParentClosePolicy.ABANDON,
        staticSummary: `${input.order ?? 'what is ordered'} ${input.hypervisor ?? input.region}`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      if (tries === TRIES_MAX) throw tooBusy(workflowId);
      await sleep(RETRY_EVERY_MS);
    }
  }
}

function tooBusy(workflowId: string): ApplicationFailure {
  const seconds = (RETRY_EVERY_MS * TRIES_MAX) / 1000;
  const message = `another order has been written for ${seconds} seconds, so this one wasn't: look at workflow ${workflowId}, then order again`;
  return ApplicationFailure.create({ type: 'conflict', message, nonRetryable: true });
}

/** As Markdown, for the Web UI. */
function describeOrders({ region, frozen, maintenance, inMaintenance }: PlacedOrder): string {
  const all = maintenance.map(
    ({ hypervisor, until, by, reason }) =>
      `- ${plain(`${hypervisor} until ${describeTime(until)} by ${by}: ${reason}`)}`,
  );
  const shown = fitting(all, LIST_LENGTH_MAX);
  const more = inMaintenance - shown.length;
  return [
    `### ${region}`,
    '',
    frozen === null ? 'Not frozen.' : `**Frozen** ${plain(describeSaid(frozen))}`,
    '',
    inMaintenance === 0 ? 'No hypervisor is in maintenance.' : `In maintenance: ${inMaintenance}`,
    '',
    ...shown,
    ...(more > 0 ? [`- and ${more} more`] : []),
  ].join('\n');
}
