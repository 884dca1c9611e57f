import { Option, type Command } from 'commander';
import type { ReconcileOptions } from '../actions/reconcile.ts';
import { exitCodes } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption, takeRegions } from '../options.ts';

/** `innervisor reconcile`. */
export function addReconcileCommand(program: Command, invocation: Invocation): void {
  const command = program.command('reconcile').description('run one pass over each region and follow it');
  takeRegions(command)
    .option('--dry-run', 'stop after the plan and show it; change nothing', false)
    .option('--detach', 'start the passes and return at once', false)
    .addOption(
      new Option('--yes', 'approve a plan that the guard holds, after it was shown')
        .default(false)
        .conflicts('detach'),
    )
    .addOption(outputOption())
    .action(async (named: readonly string[], options: ReconcileOptions) => {
      const { reconcile } = await import('../actions/reconcile.ts');
      process.exitCode = await reconcile(await invocation.config(), named, options);
    });
  addManual(command, {
    notes: [
      'Shows on stderr how the pass goes on: step by step at a terminal, a line for each new thing elsewhere. Where the guard\nholds the plan, you are asked at a terminal; without one, and after Ctrl-D, the pass waits for innervisor approve. Ctrl-C\ndetaches, at the question too: the pass goes on, and innervisor status REGION --follow shows it again.',
    ],
    examples: [
      ['innervisor reconcile luxembourg', 'one pass, to its end'],
      ['innervisor reconcile luxembourg --dry-run', 'only the plan; see also innervisor plan'],
      ['innervisor reconcile --all --detach', 'start one in every region'],
      ['innervisor reconcile luxembourg --output json', 'the report, for programs'],
    ],
    exits: [
      exitCodes.held,
      exitCodes.degraded,
      exitCodes.alreadyRunning,
      exitCodes.frozen,
      exitCodes.detached,
    ],
  });
}
