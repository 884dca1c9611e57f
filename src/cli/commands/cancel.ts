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
      'The step that is under way ends first, and silences are ended whose probes stay after all. What was created or deleted is\nnot undone: the next pass goes on from what it finds. The schedule stays as it is; see innervisor schedule pause.\nWhere the pass failed meanwhile instead of being stopped, it exits with 1.',
    ],
    examples: [
      ['innervisor cancel luxembourg', 'stop the pass'],
      ['innervisor schedule pause luxembourg --reason "looking into it"', 'and let no other one start'],
    ],
    exits: [exitCodes.detached],
  });
}
