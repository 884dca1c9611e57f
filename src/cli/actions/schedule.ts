import type { Client, ScheduleExecutionActionResult } from '@temporalio/client';
import { taskQueueOf, type Config } from '../../config/index.ts';
import { CliError, exitCodes, type ExitCode } from '../errors.ts';
import type { OutputForm } from '../options.ts';
import { chooseRegions, overRegions } from '../regions.ts';
import { renderSchedule } from '../render/schedule.ts';
import { noteOf } from '../schedule/note.ts';
import { showSchedule, withSchedule } from '../schedule/show.ts';
import { withTemporal } from '../temporal.ts';
import type { Paint } from '../terminal/paint.ts';
import { printable } from '../terminal/printable.ts';

/** What can be done to schedules besides applying them. */
export type VerbName = 'show' | 'pause' | 'resume' | 'trigger' | 'remove';

/** Options of these commands; only some take a reason. */
export interface VerbOptions {
  readonly all: boolean;
  readonly output: OutputForm;
  readonly reason?: string;
}

type Work<T> = (client: Client, own: Own, options: VerbOptions) => Promise<T>;

/** A region, and whose its schedule has to be. */
interface Own {
  readonly region: string;
  readonly installation: string;
}

/** Does that to the schedules of these regions. */
export async function carryOut(
  verb: VerbName,
  config: Config,
  named: readonly string[],
  options: VerbOptions,
): Promise<ExitCode> {
  const isList = options.all || named.length === 0;
  const { output } = options;
  const { installation } = config;
  if (verb === 'show') {
    const regions = chooseRegions(config, { named, all: options.all }, 'all');
    const render = (shown: Shown, paint: Paint): string => renderShown(config, shown, paint);
    return await forEach(regions, { output, all: isList, render }, show, { ...options, installation });
  }
  const regions = chooseChanged(verb, config, named, options);
  return await forEach(regions, { output, all: isList, render: renderDone }, CHANGES[verb], {
    ...options,
    installation,
  });
}

async function forEach<T>(
  regions: readonly string[],
  how: Parameters<typeof overRegions<T>>[1],
  work: Work<T>,
  { installation, ...options }: VerbOptions & Pick<Own, 'installation'>,
): Promise<ExitCode> {
  return await withTemporal((client) =>
    overRegions(regions, how, async (region) => ({
      code: exitCodes.ok,
      result: await work(client, { region, installation }, options),
    })),
  );
}

/** `remove` also takes regions that aren't configured any more. */
function chooseChanged(
  verb: VerbName,
  config: Config,
  named: readonly string[],
  { all }: VerbOptions,
): readonly string[] {
  const isKnown = verb !== 'remove' || named.every((region) => config.regions[region] !== undefined);
  return isKnown ? chooseRegions(config, { named, all }, 'refuse') : [...new Set(named)];
}

const show = async (client: Client, { region }: Own) =>
  (await showSchedule(client, region)) ?? { region, missing: true as const };

type Shown = Awaited<ReturnType<typeof show>>;

interface Done {
  readonly region: string;
  readonly done: string;
  readonly note: string;
}

const CHANGES: Readonly<Record<Exclude<VerbName, 'show'>, Work<Done>>> = {
  pause: async (client, own, { reason }) => {
    const note = noteOf('paused', reason);
    await withSchedule(client, own, (handle) => handle.pause(note));
    return { region: own.region, done: 'paused', note };
  },
  resume: async (client, own, { reason }) => {
    const note = noteOf('resumed', reason);
    await withSchedule(client, own, (handle) => handle.unpause(note));
    return { region: own.region, done: 'resumed', note };
  },
  trigger: async (client, own) => {
    await withSchedule(client, own, async (handle, { info }) => {
      const [running] = info.runningActions;
      if (running !== undefined) throw stillUnderWay(own.region, running);
      await handle.trigger('SKIP');
    });
    return { region: own.region, done: 'triggered', note: `innervisor status ${own.region} shows it` };
  },
  remove: async (client, own) => {
    await withSchedule(client, own, (handle) => handle.delete());
    return { region: own.region, done: 'removed', note: 'what exists in the region stays as it is' };
  },
};

/** The server would leave the trigger out without a word. */
function stillUnderWay(region: string, { workflow }: ScheduleExecutionActionResult): CliError {
  return new CliError(`the last scheduled pass over ${region} is still under way: ${workflow.workflowId}`, {
    hint: `innervisor status ${region} shows where it is, innervisor cancel ${region} stops it`,
  });
}

function renderShown(config: Config, shown: Shown, paint: Paint): string {
  const { region } = shown;
  if ('missing' in shown)
    return `${paint('strong', region)}: ${paint('changed', 'no schedule')}; innervisor schedule apply creates it`;
  const { installation } = config;
  return renderSchedule(shown, { installation, taskQueue: taskQueueOf(config, region) }, Date.now(), paint);
}

function renderDone({ region, done, note }: Done, paint: Paint): string {
  return `${paint('strong', region)}: ${paint('good', done)} (${printable(note)})`;
}
