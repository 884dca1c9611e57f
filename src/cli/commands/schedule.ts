import type { Command } from 'commander';
import type { VerbName, VerbOptions } from '../actions/schedule.ts';
import { addManual, type Manual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption, takeRegions } from '../options.ts';
import { addScheduleApplyCommand } from './scheduleApply.ts';

/** What is said of a verb; what it does stands in `actions`. */
interface Verb {
  readonly name: VerbName;
  readonly description: string;
  readonly manual: Manual;
  readonly reason?: string;
}

/** `innervisor schedule apply|show|pause|resume|trigger|remove`. */
export function addScheduleCommand(program: Command, invocation: Invocation): void {
  const schedule = program.command('schedule').description('the schedules that repeat the passes');
  addScheduleApplyCommand(schedule, invocation);
  addVerb(schedule, invocation, {
    name: 'show',
    description: 'show when passes run next, and whether somebody has paused them',
    manual: { examples: [['innervisor schedule show', 'of every region']] },
  });
  addVerb(schedule, invocation, {
    name: 'pause',
    description: 'let no pass start by itself until the schedule is resumed',
    manual: {
      notes: [
        'A pass that is under way goes on; see innervisor cancel. The reason is shown to whoever looks.',
      ],
      examples: [
        ['innervisor schedule pause luxembourg --reason "network works, CHG-1234"', 'before a maintenance'],
      ],
    },
    reason: 'why; shown with who and when',
  });
  addVerb(schedule, invocation, {
    name: 'resume',
    description: 'let passes start by themselves again',
    manual: {
      notes: ['Passes that were missed meanwhile are not made up for.'],
      examples: [['innervisor schedule resume --all', 'after a maintenance']],
    },
    reason: 'why; shown with who and when',
  });
  addVerb(schedule, invocation, {
    name: 'trigger',
    description: 'start the scheduled pass now, unless the last scheduled one is still under way',
    manual: {
      notes: [
        'Also starts one while the schedule is paused. Exits with 1 where the last scheduled one runs or waits for approval.\ninnervisor reconcile does the same and follows it.',
      ],
      examples: [['innervisor schedule trigger luxembourg', 'now']],
    },
  });
  addVerb(schedule, invocation, {
    name: 'remove',
    description: 'delete the schedule; probes, targets and peers stay as they are',
    manual: { examples: [['innervisor schedule remove luxembourg', 'no pass starts by itself any more']] },
  });
}

function addVerb(
  schedule: Command,
  invocation: Invocation,
  { name, description, manual, reason }: Verb,
): void {
  const command = takeRegions(schedule.command(name).description(description));
  if (reason !== undefined) command.option('--reason <text>', reason);
  command.addOption(outputOption()).action(async (named: readonly string[], options: VerbOptions) => {
    const { carryOut } = await import('../actions/schedule.ts');
    process.exitCode = await carryOut(name, await invocation.config(), named, options);
  });
  addManual(command, manual);
}
