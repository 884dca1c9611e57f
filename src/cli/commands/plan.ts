import type { Command } from 'commander';
import { exitCodes } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { exitCodeOfPlan, openRun } from '../reconcile.ts';
import { chooseRegions, overRegions, takeRegions } from '../regions.ts';
import { renderPlan } from '../render/plan.ts';
import { renderResult } from '../render/report.ts';
import { withTemporal } from '../temporal.ts';
import { outputOption, type OutputForm } from '../terminal/output.ts';

interface Options {
  readonly all: boolean;
  readonly output: OutputForm;
}

/** `innervisor plan`. */
export function addPlanCommand(program: Command, invocation: Invocation): void {
  const command = program.command('plan').description('show what a pass would do, and why; change nothing');
  takeRegions(command)
    .addOption(outputOption())
    .action(async (named: readonly string[], { output, all }: Options) => {
      const config = await invocation.config();
      const regions = chooseRegions(config, { named, all }, 'refuse');
      const { taskQueue } = config.temporal;
      process.exitCode = await withTemporal(async (client) => {
        const run = openRun(client, { taskQueue, dryRun: true, approves: false });
        return await overRegions(
          regions,
          { output, all, render, onSettled: () => run.close() },
          async (region) => {
            const result = await run.pass(region);
            return { code: exitCodeOfPlan(result), result };
          },
        );
      });
    });
  addManual(command, {
    notes: [
      'A line for each change: + create, - delete, +/- replace, · left alone while its hypervisor is down, ! remembered to be\nremoved or no longer so. Where the guard would hold the plan, it says why.',
    ],
    examples: [
      ['innervisor plan luxembourg', 'what would be done now'],
      ['innervisor plan --all', 'in every region'],
      ['innervisor plan luxembourg --output yaml', 'for programs'],
    ],
    exits: [exitCodes.changes, exitCodes.held, exitCodes.alreadyRunning, exitCodes.detached],
  });
}

function render(...[result, paint]: Parameters<typeof renderResult>): string {
  return result.outcome === 'planned' ? renderPlan(result, paint) : renderResult(result, paint);
}
