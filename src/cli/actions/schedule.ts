import type { Client } from '@temporalio/client';
import type { Config } from '../../config/index.ts';
import { exitCodes, type ExitCode } from '../errors.ts';
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

type Work<T> = (client: Client, region: string, options: VerbOptions) => Promise<T>;

/** Does that to the schedules of these regions. */
export async function carryOut(
  verb: VerbName,
  config: Config,
  named: readonly string[],
  options: VerbOptions,
): Promise<ExitCode> {
  const isList = options.all || named.length === 0;
  const { output } = options;
  if (verb === 'show') {
    const regions = chooseRegions(config, { named, all: options.all }, 'all');
    return await forEach(regions, { output, all: isList, render: renderShown }, show, options);
  }
  const regions = chooseChanged(verb, config, named, options);
  return await forEach(regions, { output, all: isList, render: renderDone }, CHANGES[verb], options);
}

async function forEach<T>(
  regions: readonly string[],
  how: Parameters<typeof overRegions<T>>[1],
  work: Work<T>,
  options: VerbOptions,
): Promise<ExitCode> {
  return await withTemporal((client) =>
    overRegions(regions, how, async (region) => ({
      code: exitCodes.ok,
      result: await work(client, region, options),
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

const show = async (client: Client, region: string) =>
  (await showSchedule(client, region)) ?? { region, missing: true as const };

interface Done {
  readonly region: string;
  readonly done: string;
  readonly note: string;
}

const CHANGES: Readonly<Record<Exclude<VerbName, 'show'>, Work<Done>>> = {
  pause: async (client, region, { reason }) => {
    const note = noteOf('paused', reason);
    await withSchedule(client, region, (handle) => handle.pause(note));
    return { region, done: 'paused', note };
  },
  resume: async (client, region, { reason }) => {
    const note = noteOf('resumed', reason);
    await withSchedule(client, region, (handle) => handle.unpause(note));
    return { region, done: 'resumed', note };
  },
  trigger: async (client, region) => {
    await withSchedule(client, region, (handle) => handle.trigger('SKIP'));
    return { region, done: 'triggered', note: `innervisor status ${region} shows it` };
  },
  remove: async (client, region) => {
    await withSchedule(client, region, (handle) => handle.delete());
    return { region, done: 'removed', note: 'what exists in the region stays as it is' };
  },
};

function renderShown(shown: Awaited<ReturnType<typeof show>>, paint: Paint): string {
  return 'missing' in shown
    ? `${paint('strong', shown.region)}: ${paint('changed', 'no schedule')}; innervisor schedule apply creates it`
    : renderSchedule(shown, Date.now(), paint);
}

function renderDone({ region, done, note }: Done, paint: Paint): string {
  return `${paint('strong', region)}: ${paint('good', done)} (${printable(note)})`;
}
