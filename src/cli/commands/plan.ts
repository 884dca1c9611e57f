import type { Command } from 'commander';
import type { Config } from '../../config/index.ts';
import type { PassReport } from '../../domain/pass.ts';
import { exitCodes } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { readChanges } from '../pass/wholePlan.ts';
import { exitCodeOfPlan, openRun } from '../reconcile.ts';
import { chooseRegions, overRegions, takeRegions } from '../regions.ts';
import { renderPlan } from '../render/plan.ts';
import { renderResult } from '../render/report.ts';
import { withTemporal } from '../temporal.ts';
import { outputOption, type OutputForm } from '../terminal/output.ts';

interface Options {
  readonly all: boolean;
  readonly full: boolean;
  readonly output: OutputForm;
}

/** `innervisor plan`. */
export function addPlanCommand(program: Command, invocation: Invocation): void {
  const command = program.command('plan').description('show what a pass would do, and why; change nothing');
  takeRegions(command)
    .option(
      '--full',
      'every change, not only the first 50; reads S3 with the credentials of this machine',
      false,
    )
    .addOption(outputOption())
    .action(async (named: readonly string[], { output, all, full }: Options) => {
      const config = await invocation.config();
      const regions = chooseRegions(config, { named, all }, 'refuse');
      const { taskQueue } = config.temporal;
      process.exitCode = await withTemporal(async (client) => {
        const run = openRun(client, { taskQueue, dryRun: true, approves: false });
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
    });
  addManual(command, {
    notes: [
      'A line for each change: + create, - delete, +/- replace, ~ reboot, · left alone while its hypervisor is down, ! remembered to be\nremoved or no longer so. Where the guard would hold the plan, it says why.',
    ],
    examples: [
      ['innervisor plan luxembourg', 'what would be done now'],
      ['innervisor plan --all', 'in every region'],
      ['innervisor plan luxembourg --full', 'before a large plan is approved'],
      ['innervisor plan luxembourg --output yaml', 'for programs'],
    ],
    exits: [exitCodes.changes, exitCodes.held, exitCodes.alreadyRunning, exitCodes.detached],
  });
}

async function complete(config: Config, report: PassReport): Promise<PassReport> {
  return { ...report, changes: await readChanges(config, report.artifacts.plan) };
}

function render(...[result, paint]: Parameters<typeof renderResult>): string {
  return result.outcome === 'planned' ? renderPlan(result, paint) : renderResult(result, paint);
}
