import type { Client } from '@temporalio/client';
import { taskQueueOf, type Config } from '../../config/index.ts';
import { exitCodes, type ExitCode } from '../errors.ts';
import type { OutputForm } from '../options.ts';
import { checkUntil, placeOrder, whilePlacing, type Placed } from '../orders/place.ts';
import { whoAmI } from '../pass/approval.ts';
import { describeNewest } from '../pass/watch.ts';
import { chooseRegions, overRegions } from '../regions.ts';
import { renderFreeze } from '../render/orders.ts';
import { withTemporal } from '../temporal.ts';
import { printNote } from '../terminal/messages.ts';

/** Options of `innervisor freeze`. */
export interface FreezeOptions {
  readonly all: boolean;
  readonly reason: string;
  readonly until?: string;
  readonly output: OutputForm;
}

/** Lets no pass change anything in these regions. */
export async function freeze(
  config: Config,
  named: readonly string[],
  { reason, until, ...options }: FreezeOptions,
): Promise<ExitCode> {
  checkUntil(until);
  return await orderEach(config, named, options, async (client, region, taskQueue) => {
    const order = {
      order: 'freeze',
      by: whoAmI(),
      reason,
      ...(until === undefined ? {} : { until }),
    } as const;
    const placed = await placeOrder(client, { region, ...order }, taskQueue);
    const newest = await describeNewest(client, region);
    if (newest?.status.name === 'RUNNING')
      printNote(
        `${region}: a pass is under way, and a freeze doesn't stop it`,
        `innervisor cancel ${region}`,
      );
    return placed;
  });
}

/** Lets passes change these regions again. */
export async function unfreeze(
  config: Config,
  named: readonly string[],
  options: Omit<FreezeOptions, 'reason' | 'until'>,
): Promise<ExitCode> {
  return await orderEach(config, named, options, (client, region, taskQueue) =>
    placeOrder(client, { region, order: 'unfreeze' }, taskQueue),
  );
}

async function orderEach(
  config: Config,
  named: readonly string[],
  { all, output }: Omit<FreezeOptions, 'reason' | 'until'>,
  order: (client: Client, region: string, taskQueue: string) => Promise<Placed>,
): Promise<ExitCode> {
  const regions = chooseRegions(config, { named, all }, 'refuse');
  return await withTemporal((client) =>
    whilePlacing(regions, () =>
      overRegions(regions, { output, all, render: renderFreeze }, async (region) => {
        const { knownFromMs: _known, ...result } = await order(client, region, taskQueueOf(config, region));
        return { code: exitCodes.ok, result };
      }),
    ),
  );
}
