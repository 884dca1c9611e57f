import type { Command } from 'commander';
import type { VerifyOptions } from '../actions/verify.ts';
import { exitCodes } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption, takeRegions } from '../options.ts';

/** `innervisor verify`. */
export function addVerifyCommand(program: Command, invocation: Invocation): void {
  const command = program
    .command('verify')
    .description(
      'look whether all is right now: what exists, what is published, what answers; change nothing',
    );
  takeRegions(command)
    .addOption(outputOption())
    .action(async (named: readonly string[], options: VerifyOptions) => {
      const { verify } = await import('../actions/verify.ts');
      process.exitCode = await verify(await invocation.config(), named, options);
    });
  addManual(command, {
    notes: [
      'A worker looks, by the checks of the last step of a pass, but once: a probe that is still coming up fails them. Compares the\nlist of peers and the targets of every Prometheus with the probes that exist, and says what a pass would change. It runs\nbeside a pass that is under way, and then shows what is half done.',
    ],
    examples: [
      ['innervisor verify luxembourg', 'is all right there?'],
      ['innervisor verify --all --output json', 'for a monitoring system'],
    ],
    exits: [exitCodes.changes, exitCodes.held, exitCodes.degraded],
  });
}
