import type { Client } from '@temporalio/client';
import { taskQueueOf, type Config } from '../../config/index.ts';
import { CliError, exitCodes, type ExitCode } from '../errors.ts';
import type { OutputForm } from '../options.ts';
import { checkUntil, placeOrder, whilePlacing, type Placed } from '../orders/place.ts';
import { settle, SETTLED_CODES } from '../orders/settle.ts';
import { whoAmI } from '../pass/approval.ts';
import { startPass } from '../pass/start.ts';
import { openRun } from '../reconcile.ts';
import { chooseRegions, overRegions } from '../regions.ts';
import { renderMaintenance, renderSettled } from '../render/orders.ts';
import { withTemporal } from '../temporal.ts';
import { printNote } from '../terminal/messages.ts';
import { printResult } from '../terminal/output.ts';

/** Options of `innervisor maintenance begin` and `end`. */
export interface MaintenanceOptions {
  /** May be left out where there is only one. */
  readonly region?: string;
  readonly detach: boolean;
  readonly output: OutputForm;
}

/** Options of `innervisor maintenance begin`. */
export interface BeginOptions extends MaintenanceOptions {
  readonly until: string;
  readonly reason: string;
}

/** Takes a hypervisor into maintenance, and waits until its probe is gone. */
export async function beginMaintenance(
  config: Config,
  hypervisor: string,
  { until, reason, ...options }: BeginOptions,
): Promise<ExitCode> {
  checkUntil(until);
  const said = { by: whoAmI(), until, reason };
  return await order(config, options, true, (client, region, taskQueue) =>
    placeOrder(client, { region, order: 'beginMaintenance', hypervisor, ...said }, taskQueue),
  );
}

/** Ends a hypervisor's maintenance, and waits until its probe is back. */
export async function endMaintenance(
  config: Config,
  hypervisor: string,
  options: MaintenanceOptions,
): Promise<ExitCode> {
  return await order(config, options, false, (client, region, taskQueue) =>
    placeOrder(client, { region, order: 'endMaintenance', hypervisor }, taskQueue),
  );
}

async function order(
  config: Config,
  { region: named, detach, output }: MaintenanceOptions,
  gone: boolean,
  place: (client: Client, region: string, taskQueue: string) => Promise<Placed>,
): Promise<ExitCode> {
  const region = chooseOne(config, named);
  const taskQueue = taskQueueOf(config, region);
  return await withTemporal(async (client) => {
    const { knownFromMs, hypervisor = '' } = await whilePlacing([region], () =>
      place(client, region, taskQueue),
    );
    printNote(
      `${region}: ${hypervisor} is ${gone ? '' : 'no longer '}in maintenance; the next pass acts on it`,
    );
    if (detach) {
      const { workflowId } = await startPass(client, { region, taskQueue });
      printResult(output, { region, hypervisor, workflowId }, () => `started ${workflowId}`);
      return exitCodes.ok;
    }
    const run = openRun(client, { queueOf: () => taskQueue, dryRun: false, approves: false });
    const settled = await settle(client, run, { region, hypervisor, gone, knownFromMs, taskQueue }).finally(
      () => run.close(),
    );
    printResult(output, settled, (paint) => renderSettled(settled, paint));
    return SETTLED_CODES[settled.outcome];
  });
}

/** Shows which hypervisors are in maintenance. */
export async function listMaintenance(
  config: Config,
  named: readonly string[],
  { all, output }: { readonly all: boolean; readonly output: OutputForm },
): Promise<ExitCode> {
  const regions = chooseRegions(config, { named, all }, 'all');
  const shown = { output, all: all || named.length === 0, render: renderMaintenance };
  return await withTemporal((client) =>
    overRegions(regions, shown, async (region) => {
      const { frozen, inMaintenance, maintenance } = await placeOrder(
        client,
        { region },
        taskQueueOf(config, region),
      );
      return {
        code: exitCodes.ok,
        result: { region, changed: false, frozen, inMaintenance, maintenance },
      };
    }),
  );
}

function chooseOne(config: Config, named: string | undefined): string {
  const regions = Object.keys(config.regions);
  const [only] = regions;
  if (named === undefined && only !== undefined && regions.length === 1) return only;
  if (named === undefined)
    throw new CliError('in which region? Say --region', {
      hint: `innervisor.yaml has: ${regions.join(', ')}`,
    });
  return chooseRegions(config, { named: [named], all: false }, 'refuse')[0] ?? named;
}
