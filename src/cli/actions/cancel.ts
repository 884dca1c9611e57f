import type { Client } from '@temporalio/client';
import type { Config } from '../../config/index.ts';
import { exitCodes, type ExitCode } from '../errors.ts';
import type { OutputForm } from '../options.ts';
import { cancelPass, type Cancelled } from '../pass/cancel.ts';
import { chooseRegions, overRegions } from '../regions.ts';
import { renderCancelled } from '../render/cancelled.ts';
import { withTemporal } from '../temporal.ts';

/** Options of `innervisor cancel`. */
export interface CancelOptions {
  readonly all: boolean;
  readonly output: OutputForm;
}

/** Stops the passes of these regions and waits for their ends. */
export async function cancel(
  config: Config,
  named: readonly string[],
  { all, output }: CancelOptions,
): Promise<ExitCode> {
  const regions = chooseRegions(config, { named, all }, 'refuse');
  return await withTemporal((client) => cancelAll(client, regions, output, all));
}

async function cancelAll(
  client: Client,
  regions: readonly string[],
  output: OutputForm,
  all: boolean,
): Promise<ExitCode> {
  const leave = (): void => {
    console.error('the pass has been asked to stop; innervisor status shows when it has');
    process.exit(exitCodes.detached);
  };
  process.once('SIGINT', leave);
  try {
    return await overRegions<Cancelled>(regions, { output, all, render: renderCancelled }, async (region) => {
      const result = await cancelPass(client, region, !all);
      return { code: result.outcome === 'failed' ? exitCodes.failed : exitCodes.ok, result };
    });
  } finally {
    process.off('SIGINT', leave);
  }
}
