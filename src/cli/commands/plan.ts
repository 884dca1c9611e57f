import type { Command } from 'commander';
import type { PlanOptions } from '../actions/plan.ts';
import { exitCodes } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption, takeRegions } from '../options.ts';

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
    .action(async (named: readonly string[], options: PlanOptions) => {
      const { showPlans } = await import('../actions/plan.ts');
      process.exitCode = await showPlans(await invocation.config(), named, options);
    });
  addManual(command, {
    notes: [
      'A line for each change: + create, - delete, +/- replace, ~ reboot, · left alone for now, such as where the hypervisor is\ndown or has no room, ! remembered to be removed or no longer so. Where the guard would hold the plan, it says why.',
    ],
    examples: [
      ['innervisor plan luxembourg', 'what would be done now'],
      ['innervisor plan --region luxembourg', 'the same'],
      ['innervisor plan --all', 'in every region'],
      ['innervisor plan luxembourg --full', 'before a large plan is approved'],
      ['innervisor plan luxembourg --output yaml', 'for programs'],
    ],
    exits: [exitCodes.changes, exitCodes.held, exitCodes.alreadyRunning, exitCodes.detached],
  });
}
