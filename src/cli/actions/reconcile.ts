import { taskQueueOf, type Config } from '../../config/index.ts';
import { exitCodes, type ExitCode } from '../errors.ts';
import type { OutputForm } from '../options.ts';
import { startPass } from '../pass/start.ts';
import { exitCodeOf, openRun } from '../reconcile.ts';
import { chooseRegions, overRegions } from '../regions.ts';
import { renderResult } from '../render/report.ts';
import { withTemporal } from '../temporal.ts';

/** Options of `innervisor reconcile`. */
export interface ReconcileOptions {
  readonly all: boolean;
  readonly dryRun: boolean;
  readonly detach: boolean;
  readonly yes: boolean;
  readonly output: OutputForm;
}

/** Runs a pass over each of these regions, and follows them unless they are to be left alone. */
export async function reconcile(
  config: Config,
  named: readonly string[],
  { all, detach, dryRun, yes, output }: ReconcileOptions,
): Promise<ExitCode> {
  const regions = chooseRegions(config, { named, all }, 'refuse');
  const queueOf = (region: string): string => taskQueueOf(config, region);
  return await withTemporal(async (client) => {
    if (detach)
      return await overRegions(regions, { output, all, render: renderStarted }, async (region) => {
        const { workflowId } = await startPass(client, { region, taskQueue: queueOf(region), dryRun });
        return { code: exitCodes.ok, result: { region, workflowId } };
      });
    const run = openRun(client, { queueOf, dryRun, approves: yes });
    const render = { output, all, render: renderResult, onSettled: () => run.close() };
    return await overRegions(regions, render, async (region) => {
      const result = await run.pass(region);
      return { code: exitCodeOf(result), result };
    });
  });
}

function renderStarted({
  region,
  workflowId,
}: {
  readonly region: string;
  readonly workflowId: string;
}): string {
  return `started ${workflowId}; see it: innervisor status ${region} --follow`;
}
