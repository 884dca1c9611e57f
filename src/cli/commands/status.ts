import type { Command } from 'commander';
import type { StatusOptions } from '../actions/status.ts';
import { exitCodes } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption, takeRegions } from '../options.ts';

/** `innervisor status`. */
export function addStatusCommand(program: Command, invocation: Invocation): void {
  const command = program
    .command('status')
    .description(
      'show what runs, what waits for approval, how the last pass went and when the next one starts',
    );
  takeRegions(command)
    .option('--follow', 'follow the passes that run to their end first; Ctrl-C leaves them alone', false)
    .addOption(outputOption())
    .action(async (named: readonly string[], options: StatusOptions) => {
      const { showStatus } = await import('../actions/status.ts');
      process.exitCode = await showStatus(await invocation.config(), named, options);
    });
  addManual(command, {
    notes: [
      'Asks Temporal alone. Without a region, every region. A dry run doesn’t count as the last pass, which is looked for among\nthe last 20.',
    ],
    examples: [
      ['innervisor status', 'every region'],
      ['innervisor status luxembourg --follow', 'come back to a pass after Ctrl-C'],
      ['innervisor status --output json', 'for programs; always a list where no single region is named'],
    ],
    exits: [exitCodes.detached],
  });
}
