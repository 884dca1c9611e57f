import type { Command } from 'commander';
import type { DecideOptions } from '../actions/decide.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption, takeRegions } from '../options.ts';
import type { Word } from '../pass/approval.ts';

/** `innervisor approve` and `innervisor reject`. */
export function addDecideCommand(program: Command, invocation: Invocation, word: Word): void {
  const command = program
    .command(word)
    .description(`${word} the plan of a region that the guard holds: show it, ask, and say so to the pass`);
  takeRegions(command)
    .option('--plan <hash>', 'the plan that you have looked at; without it you are asked')
    .option('--yes', 'whichever plan waits, without being asked', false)
    .addOption(outputOption())
    .action(async (named: readonly string[], options: DecideOptions) => {
      const { decide } = await import('../actions/decide.ts');
      process.exitCode = await decide(await invocation.config(), named, word, options);
    });
  addManual(command, {
    notes: [
      'Only "yes" is taken for an answer; all else, Ctrl-C and Ctrl-D too, decides nothing and exits with 1.',
      `The same by Temporal's own tools:\n  temporal workflow signal --workflow-id region/luxembourg --name ${word} --input '{"plan":"0123456789ab","by":"me"}'`,
    ],
    examples: [
      [`innervisor ${word} luxembourg`, 'show the plan and ask'],
      [`innervisor ${word} luxembourg --plan 0123456789ab`, 'this plan and no other, without asking'],
    ],
  });
}
