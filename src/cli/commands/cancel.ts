import type { Command } from 'commander';
import type { CancelOptions } from '../actions/cancel.ts';
import { exitCodes } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption, takeRegions } from '../options.ts';

/** `innervisor cancel`. */
export function addCancelCommand(program: Command, invocation: Invocation): void {
  const command = program
    .command('cancel')
    .description(
      'stop the pass that runs in a region, wait for its end, and say what it has done and what not',
    );
  takeRegions(command)
    .addOption(outputOption())
    .action(async (named: readonly string[], options: CancelOptions) => {
      const { cancel } = await import('../actions/cancel.ts');
      process.exitCode = await cancel(await invocation.config(), named, options);
    });
  addManual(command, {
    notes: [
      "The step that is under way ends first. Nova is asked to delete new probes that don't stand yet, and silences are ended whose\nprobes stay after all. What stands and what was deleted is not undone: the next pass goes on from what it finds. The schedule\nstays as it is; see innervisor schedule pause. Where the pass failed meanwhile instead of being stopped, it exits with 1.",
    ],
    examples: [
      ['innervisor cancel luxembourg', 'stop the pass'],
      ['innervisor schedule pause luxembourg --reason "looking into it"', 'and let no other one start'],
    ],
    exits: [exitCodes.detached],
  });
}
