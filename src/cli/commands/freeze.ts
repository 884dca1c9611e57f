import type { Command } from 'commander';
import type { FreezeOptions } from '../actions/freeze.ts';
import { exitCodes } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption, takeRegions } from '../options.ts';

/** How `--until` is given. */
export const UNTIL = 'a duration such as 90m, 4h or 2d, or a time such as 2026-11-25T20:00Z';

/** `innervisor freeze` and `innervisor unfreeze`. */
export function addFreezeCommands(program: Command, invocation: Invocation): void {
  const freeze = takeRegions(
    program.command('freeze').description('let no pass change anything in a region, whoever starts it'),
  )
    .requiredOption('--reason <text>', 'why; shown with who and since when')
    .option('--until <when>', `when it ends by itself: ${UNTIL}; without it, when somebody lifts it`)
    .addOption(outputOption())
    .action(async (named: readonly string[], options: FreezeOptions) => {
      const actions = await import('../actions/freeze.ts');
      process.exitCode = await actions.freeze(await invocation.config(), named, options);
    });
  addManual(freeze, {
    notes: [
      'Every pass from now on ends at once as frozen, whether a schedule, innervisor, temporal or tctl has started it; innervisor\nplan and verify still look. A pass that is under way isn’t stopped: see innervisor cancel; one that waits for approval ends\nas frozen once somebody has approved. Needs a worker, which writes it down. Frozen again, the newer order holds.',
    ],
    examples: [
      ['innervisor freeze luxembourg --reason "network works, CHG-1234" --until 4h', 'for an evening'],
      [
        'innervisor freeze --all --reason "something is wrong, call me"',
        'everywhere, until somebody lifts it',
      ],
    ],
    exits: [exitCodes.detached],
  });
  const unfreeze = takeRegions(program.command('unfreeze').description('let passes change a region again'))
    .addOption(outputOption())
    .action(async (named: readonly string[], options: Omit<FreezeOptions, 'reason' | 'until'>) => {
      const actions = await import('../actions/freeze.ts');
      process.exitCode = await actions.unfreeze(await invocation.config(), named, options);
    });
  addManual(unfreeze, {
    notes: ['Starts no pass: the schedule does, or innervisor reconcile.'],
    examples: [['innervisor unfreeze luxembourg', 'the works are over']],
    exits: [exitCodes.detached],
  });
}
