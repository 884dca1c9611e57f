import { WorkflowFailedError, type Client } from '@temporalio/client';
import { parseMoment } from '../../domain/moment.ts';
import type { PlacedOrder } from '../../domain/orders.ts';
import { names, type OrderInput } from '../../workflows/contract.ts';
import { rootCause } from '../describeError.ts';
import { CliError, exitCodes } from '../errors.ts';
import { runShort } from '../look.ts';

const TIMEOUT_MS = 10 * 60_000;

/** What stands after an order. */
export interface Placed extends PlacedOrder {
  /** From when on a pass knows of it, by Temporal's clock. */
  readonly knownFromMs: number;
}

/**
 * Has a worker write down an order, or tell what stands.
 * @throws CliError where it is refused.
 */
export async function placeOrder(client: Client, input: OrderInput, taskQueue: string): Promise<Placed> {
  try {
    const { result, endedMs } = await runShort<PlacedOrder, OrderInput>(client, {
      command: 'order',
      workflow: names.orderRegion,
      input,
      taskQueue,
      timeoutMs: TIMEOUT_MS,
    });
    return { ...result, knownFromMs: endedMs };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    throw new CliError(`${input.region}: ${rootCause(error).message}`, {
      hint: `innervisor maintenance list ${input.region} shows what stands now`,
      cause: error,
    });
  }
}

/** Lets Ctrl-C detach while orders are placed: the command ends, the orders are carried out. */
export async function whilePlacing<T>(regions: readonly string[], place: () => Promise<T>): Promise<T> {
  const detach = (): void => {
    const minutes = TIMEOUT_MS / 60_000;
    console.error(
      `detached; what was ordered is carried out if a worker takes it up within ${minutes} minutes. Come back: innervisor status ${regions.join(' ')}`,
    );
    process.exit(exitCodes.detached);
  };
  process.once('SIGINT', detach);
  try {
    return await place();
  } finally {
    process.off('SIGINT', detach);
  }
}

/**
 * Looks at an end before anything is started; what counts is when the order reaches a worker.
 * @throws CliError where it is none.
 */
export function checkUntil(until: string | undefined): void {
  const parsed = until === undefined ? undefined : parseMoment(until, Date.now());
  if (parsed !== undefined && 'problem' in parsed)
    throw new CliError(`--until ${parsed.problem}`, { hint: 'for example: --until 4h' });
}
