import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { Config } from '../../config/index.ts';
import { exitCodes, type ExitCode } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { chooseRegions, overRegions, takeRegions } from '../regions.ts';
import { renderApplied } from '../render/schedule.ts';
import { applySchedule, type AppliedSchedule } from '../schedule/apply.ts';
import { listLeftOver, withSchedule } from '../schedule/show.ts';
import { wantSchedule } from '../schedule/wanted.ts';
import { withTemporal } from '../temporal.ts';
import { printNote } from '../terminal/messages.ts';
import { outputOption, type OutputForm } from '../terminal/output.ts';
import type { Paint } from '../terminal/paint.ts';

interface Options {
  readonly all: boolean;
  readonly prune: boolean;
  readonly output: OutputForm;
}

/** A region that isn't configured any more, and whose schedule has just been removed. */
interface RemovedSchedule {
  readonly region: string;
  readonly applied: 'removed';
}

/** `innervisor schedule apply`. */
export function addScheduleApplyCommand(schedule: Command, invocation: Invocation): void {
  const command = schedule
    .command('apply')
    .description('create each region’s schedule, or bring it up to date with innervisor.yaml');
  takeRegions(command)
    .option('--prune', 'remove the schedules of regions that innervisor.yaml no longer has', false)
    .addOption(outputOption())
    .action(async (named: readonly string[], options: Options) => {
      const config = await invocation.config();
      const regions = chooseRegions(config, { named, all: options.all }, 'all');
      process.exitCode = await withTemporal((client) => apply(client, config, regions, options));
    });
  addManual(command, {
    notes: [
      'Applied again, it changes nothing. What somebody has changed by hand is shown and repaired; a schedule that is paused stays\npaused. Without a region, every region. Schedules of this installation whose region innervisor.yaml no longer has are named\nand, with --prune, removed.',
    ],
    examples: [
      ['innervisor schedule apply', 'after each change of innervisor.yaml'],
      ['innervisor schedule apply --prune', 'also after a region was taken out'],
    ],
  });
}

async function apply(
  client: Client,
  config: Config,
  regions: readonly string[],
  { prune, output }: Options,
): Promise<ExitCode> {
  const configured = new Set(Object.keys(config.regions));
  const leftOver = await listLeftOver(client, config.installation, configured);
  const removed = prune ? leftOver : [];
  const code = await overRegions<AppliedSchedule | RemovedSchedule>(
    [...regions, ...removed],
    { output, all: true, render },
    async (region) => ({
      code: exitCodes.ok,
      result: configured.has(region)
        ? await applySchedule(client, wantSchedule(config, region))
        : await remove(client, region),
    }),
  );
  if (prune || leftOver.length === 0) return code;
  printNote(
    `schedules of regions that innervisor.yaml doesn't have: ${leftOver.join(', ')}`,
    'put the regions back, or remove the schedules: innervisor schedule apply --prune',
  );
  return code;
}

async function remove(client: Client, region: string): Promise<RemovedSchedule> {
  await withSchedule(client, region, (handle) => handle.delete());
  return { region, applied: 'removed' };
}

function render(result: AppliedSchedule | RemovedSchedule, paint: Paint): string {
  if (result.applied !== 'removed') return renderApplied(result, paint);
  return `${paint('strong', result.region)}: ${paint('bad', 'removed')}`;
}
