import type { Client } from '@temporalio/client';
import type { Config } from '../../config/index.ts';
import { listTaskQueues } from '../../config/taskQueue.ts';
import { exitCodes, type ExitCode } from '../errors.ts';
import type { OutputForm } from '../options.ts';
import { chooseRegions, overRegions } from '../regions.ts';
import { renderApplied } from '../render/schedule.ts';
import { applySchedule, type AppliedSchedule } from '../schedule/apply.ts';
import { listLeftOver, withSchedule } from '../schedule/show.ts';
import { wantSchedule } from '../schedule/wanted.ts';
import { withTemporal } from '../temporal.ts';
import { printNote } from '../terminal/messages.ts';
import type { Paint } from '../terminal/paint.ts';

/** Options of `innervisor schedule apply`. */
export interface ApplyOptions {
  readonly all: boolean;
  readonly prune: boolean;
  readonly output: OutputForm;
}

/** A region that isn't configured any more, and whose schedule has just been removed. */
interface RemovedSchedule {
  readonly region: string;
  readonly applied: 'removed';
}

/** Brings the schedules of these regions up to date, and removes or names those that no region has any more. */
export async function apply(
  config: Config,
  named: readonly string[],
  options: ApplyOptions,
): Promise<ExitCode> {
  const regions = chooseRegions(config, { named, all: options.all }, 'all');
  return await withTemporal((client) => applyAll(client, config, regions, options));
}

async function applyAll(
  client: Client,
  config: Config,
  regions: readonly string[],
  { prune, output }: ApplyOptions,
): Promise<ExitCode> {
  const { installation } = config;
  const configured = new Set(Object.keys(config.regions));
  const taskQueues = new Set(listTaskQueues(config).keys());
  const leftOver = await listLeftOver(client, { installation, regions: configured, taskQueues });
  const removed = prune ? leftOver.own : [];
  const code = await overRegions<AppliedSchedule | RemovedSchedule>(
    [...regions, ...removed],
    { output, all: true, render },
    async (region) => ({
      code: exitCodes.ok,
      result: configured.has(region)
        ? await applySchedule(client, wantSchedule(config, region))
        : await remove(client, { region, installation }),
    }),
  );
  if (!prune && leftOver.own.length > 0)
    printNote(
      `schedules of regions that innervisor.yaml doesn't have: ${leftOver.own.join(', ')}`,
      'put the regions back, or remove the schedules: innervisor schedule apply --prune',
    );
  if (prune && leftOver.elsewhere.length > 0)
    printNote(
      `left alone, since no region of innervisor.yaml has their task queue: ${leftOver.elsewhere.join(', ')}`,
      'where they are in no file of another site: innervisor schedule remove REGION',
    );
  return code;
}

async function remove(
  client: Client,
  own: { readonly region: string; readonly installation: string },
): Promise<RemovedSchedule> {
  await withSchedule(client, own, (handle) => handle.delete());
  return { region: own.region, applied: 'removed' };
}

function render(result: AppliedSchedule | RemovedSchedule, paint: Paint): string {
  if (result.applied !== 'removed') return renderApplied(result, paint);
  return `${paint('strong', result.region)}: ${paint('bad', 'removed')}`;
}
