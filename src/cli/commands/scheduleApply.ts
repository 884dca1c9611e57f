import type { Command } from 'commander';
import type { ApplyOptions } from '../actions/scheduleApply.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption, takeRegions } from '../options.ts';

/** `innervisor schedule apply`. */
export function addScheduleApplyCommand(schedule: Command, invocation: Invocation): void {
  const command = schedule
    .command('apply')
    .description('create each region’s schedule, or bring it up to date with innervisor.yaml');
  takeRegions(command)
    .option(
      '--prune',
      'remove the schedules of regions that innervisor.yaml no longer has, on its task queues',
      false,
    )
    .addOption(outputOption())
    .action(async (named: readonly string[], options: ApplyOptions) => {
      const { apply } = await import('../actions/scheduleApply.ts');
      process.exitCode = await apply(await invocation.config(), named, options);
    });
  addManual(command, {
    notes: [
      'Applied again, it changes nothing. What somebody has changed by hand is shown and repaired; a schedule that is paused stays\npaused. Without a region, every region. Schedules of this installation whose region innervisor.yaml no longer has are named\nand, with --prune, removed: those on a task queue that innervisor.yaml knows, since others may be those of another site with\na file of its own. A schedule of another installation is never touched: for a region of the same name it is an error.',
    ],
    examples: [
      ['innervisor schedule apply', 'after each change of innervisor.yaml'],
      ['innervisor schedule apply --prune', 'also after a region was taken out'],
    ],
  });
}
