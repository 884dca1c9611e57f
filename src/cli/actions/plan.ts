import { taskQueueOf, type Config } from '../../config/index.ts';
import type { PassReport } from '../../domain/pass.ts';
import type { ExitCode } from '../errors.ts';
import type { OutputForm } from '../options.ts';
import { readChanges } from '../pass/wholePlan.ts';
import { exitCodeOfPlan, openRun } from '../reconcile.ts';
import { chooseRegions, overRegions } from '../regions.ts';
import { renderPlan } from '../render/plan.ts';
import { renderResult } from '../render/report.ts';
import { withTemporal } from '../temporal.ts';

/** Options of `innervisor plan`. */
export interface PlanOptions {
  readonly all: boolean;
  readonly full: boolean;
  readonly output: OutputForm;
}

/** Shows what passes over these regions would do. */
export async function showPlans(
  config: Config,
  named: readonly string[],
  { output, all, full }: PlanOptions,
): Promise<ExitCode> {
  const regions = chooseRegions(config, { named, all }, 'refuse');
  const queueOf = (region: string): string => taskQueueOf(config, region);
  return await withTemporal(async (client) => {
    const run = openRun(client, { queueOf, dryRun: true, approves: false });
    return await overRegions(
      regions,
      { output, all, render, onSettled: () => run.close() },
      async (region) => {
        const passed = await run.pass(region);
        const result = full && passed.outcome === 'planned' ? await complete(config, passed) : passed;
        return { code: exitCodeOfPlan(result), result };
      },
    );
  });
}

async function complete(config: Config, report: PassReport): Promise<PassReport> {
  return { ...report, changes: await readChanges(config, report.artifacts.plan) };
}

function render(...[result, paint]: Parameters<typeof renderResult>): string {
  return result.outcome === 'planned' ? renderPlan(result, paint) : renderResult(result, paint);
}
