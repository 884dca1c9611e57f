import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { exitCodes } from '../errors.ts';
import { addManual, type Manual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { chooseRegions, overRegions, takeRegions } from '../regions.ts';
import { renderSchedule } from '../render/schedule.ts';
import { noteOf } from '../schedule/note.ts';
import { showSchedule, withSchedule } from '../schedule/show.ts';
import { withTemporal } from '../temporal.ts';
import { outputOption, type OutputForm } from '../terminal/output.ts';
import type { Paint } from '../terminal/paint.ts';
import { printable } from '../terminal/printable.ts';
import { addScheduleApplyCommand } from './scheduleApply.ts';

interface Options {
  readonly all: boolean;
  readonly output: OutputForm;
  readonly reason?: string;
}

/** What is done to one region's schedule, and how it is said. */
interface Verb<T> {
  readonly name: string;
  readonly description: string;
  readonly manual: Manual;
  /** `remove` also takes regions that aren't configured any more. */
  readonly takesUnknown?: boolean;
  readonly whenNone?: 'all';
  readonly reason?: string;
  readonly work: (client: Client, region: string, options: Options) => Promise<T>;
  readonly render: (result: T, paint: Paint) => string;
}

/** `innervisor schedule apply|show|pause|resume|trigger|remove`. */
export function addScheduleCommand(program: Command, invocation: Invocation): void {
  const schedule = program.command('schedule').description('the schedules that repeat the passes');
  addScheduleApplyCommand(schedule, invocation);
  addVerb(schedule, invocation, {
    name: 'show',
    description: 'show when passes run next, and whether somebody has paused them',
    manual: { examples: [['innervisor schedule show', 'of every region']] },
    whenNone: 'all',
    work: async (client, region) => {
      const shown = await showSchedule(client, region);
      return shown ?? { region, missing: true as const };
    },
    render: (shown, paint) =>
      'missing' in shown
        ? `${paint('strong', shown.region)}: ${paint('changed', 'no schedule')}; innervisor schedule apply creates it`
        : renderSchedule(shown, Date.now(), paint),
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
    work: async (client, region, { reason }) => {
      const note = noteOf('paused', reason);
      await withSchedule(client, region, (handle) => handle.pause(note));
      return { region, done: 'paused', note };
    },
    render: renderDone,
  });
  addVerb(schedule, invocation, {
    name: 'resume',
    description: 'let passes start by themselves again',
    manual: {
      notes: ['Passes that were missed meanwhile are not made up for.'],
      examples: [['innervisor schedule resume --all', 'after a maintenance']],
    },
    reason: 'why; shown with who and when',
    work: async (client, region, { reason }) => {
      const note = noteOf('resumed', reason);
      await withSchedule(client, region, (handle) => handle.unpause(note));
      return { region, done: 'resumed', note };
    },
    render: renderDone,
  });
  addVerb(schedule, invocation, {
    name: 'trigger',
    description: 'start the scheduled pass now, unless the last scheduled one is still under way',
    manual: {
      notes: [
        'Also starts one while the schedule is paused. innervisor reconcile does the same and follows it.',
      ],
      examples: [['innervisor schedule trigger luxembourg', 'now']],
    },
    work: async (client, region) => {
      await withSchedule(client, region, (handle) => handle.trigger('SKIP'));
      return { region, done: 'triggered', note: `innervisor status ${region} shows it` };
    },
    render: renderDone,
  });
  addVerb(schedule, invocation, {
    name: 'remove',
    description: 'delete the schedule; probes, targets and peers stay as they are',
    manual: { examples: [['innervisor schedule remove luxembourg', 'no pass starts by itself any more']] },
    takesUnknown: true,
    work: async (client, region) => {
      await withSchedule(client, region, (handle) => handle.delete());
      return { region, done: 'removed', note: 'what exists in the region stays as it is' };
    },
    render: renderDone,
  });
}

function addVerb<T>(schedule: Command, invocation: Invocation, verb: Verb<T>): void {
  const command = takeRegions(schedule.command(verb.name).description(verb.description));
  if (verb.reason !== undefined) command.option('--reason <text>', verb.reason);
  command.addOption(outputOption()).action(async (named: readonly string[], options: Options) => {
    const config = await invocation.config();
    const configured = new Set(Object.keys(config.regions));
    const isKnown = verb.takesUnknown !== true || named.every((region) => configured.has(region));
    const choice = { named, all: options.all };
    const regions = isKnown ? chooseRegions(config, choice, verb.whenNone ?? 'refuse') : [...new Set(named)];
    const { output, all } = options;
    process.exitCode = await withTemporal((client) =>
      overRegions(
        regions,
        { output, all: all || named.length === 0, render: verb.render },
        async (region) => ({ code: exitCodes.ok, result: await verb.work(client, region, options) }),
      ),
    );
  });
  addManual(command, verb.manual);
}

function renderDone(
  { region, done, note }: { readonly region: string; readonly done: string; readonly note: string },
  paint: Paint,
): string {
  return `${paint('strong', region)}: ${paint('good', done)} (${printable(note)})`;
}
