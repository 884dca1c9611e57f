import type { Client } from '@temporalio/client';
import { taskQueueOf, type Config } from '../../config/index.ts';
import type { AlreadyRunning } from '../../workflows/contract.ts';
import { runDestruction } from '../destroy.ts';
import { CliError, exitCodes, type ExitCode } from '../errors.ts';
import type { OutputForm } from '../options.ts';
import { chooseRegions } from '../regions.ts';
import { isAnythingThere, renderDestroyed, renderDoomed, type Destroyed } from '../render/destroy.ts';
import { findScheduleOwner, removeSchedule } from '../schedule/own.ts';
import { withTemporal } from '../temporal.ts';
import { ask, canAsk } from '../terminal/ask.ts';
import { printNote } from '../terminal/messages.ts';
import { printResult } from '../terminal/output.ts';
import { paintFor } from '../terminal/paint.ts';
import { printable } from '../terminal/printable.ts';

/** Options of `innervisor destroy`. */
export interface DestroyOptions {
  readonly dryRun: boolean;
  readonly forceDown: boolean;
  /** The name of the region once more, instead of an answer at the terminal. */
  readonly yes?: string;
  readonly output: OutputForm;
}

/** Shows what there is of a region, has a person confirm it, and removes it: first the schedule, then all else. */
export async function destroy(config: Config, named: string, options: DestroyOptions): Promise<ExitCode> {
  const [region = named] = chooseRegions(config, { named: [named], all: false }, 'refuse');
  const { yes, dryRun } = options;
  if (yes !== undefined && yes !== region)
    throw new CliError(`--yes names ${JSON.stringify(yes)}, not ${region}; nothing was removed`, {
      hint: `to confirm: innervisor destroy ${region} --yes ${region}`,
    });
  if (!dryRun && yes === undefined && !canAsk())
    throw new CliError('nobody can be asked here; nothing was removed', {
      hint: `look first: innervisor destroy ${region} --dry-run; then confirm: innervisor destroy ${region} --yes ${region}`,
    });
  return await withTemporal((client) => destroyOne(client, config, region, options));
}

async function destroyOne(
  client: Client,
  config: Config,
  region: string,
  { dryRun, forceDown, yes, output }: DestroyOptions,
): Promise<ExitCode> {
  const { installation } = config;
  const taskQueue = taskQueueOf(config, region);
  const planned = await runDestruction(client, taskQueue, { region, dryRun: true, forceDown });
  if (planned.outcome === 'already running') return tellBusy(planned, output, 'nothing was removed');
  const owner = await findScheduleOwner(client, region, installation);
  const there = { ...planned, schedule: owner === 'ours' ? 'present' : owner } as const;
  const isNothing = !isAnythingThere(there);
  if (dryRun || isNothing) {
    printResult(output, there, (paint) => renderDoomed(there, paint));
    return isNothing ? exitCodes.ok : exitCodes.changes;
  }
  console.error(renderDoomed(there, paintFor(process.stderr)));
  if (yes === undefined) await confirm(region);

  if (owner === 'ours') await removeSchedule(client, region);
  const result = await runDestruction(client, taskQueue, { region, confirm: region, forceDown });
  if (result.outcome === 'already running')
    return tellBusy(result, output, 'nothing but the schedule was removed');
  const destroyed: Destroyed = { ...result, schedule: owner === 'ours' ? 'removed' : owner };
  printResult(output, destroyed, (paint) => renderDestroyed(destroyed, paint));
  return result.outcome === 'destroyed' ? exitCodes.ok : exitCodes.degraded;
}

async function confirm(region: string): Promise<void> {
  const answer = await ask(`Type the name of the region to remove all this for good: `);
  if (answer.kind !== 'said') throw new CliError('nothing was removed');
  if (answer.text !== region) throw new CliError(`that isn't ${region}; nothing was removed`);
}

function tellBusy(busy: AlreadyRunning, output: OutputForm, removed: string): ExitCode {
  printResult(output, busy, (paint) => paint('changed', printable(busy.message)));
  const { region } = busy;
  printNote(removed, `wait for its end or stop it: innervisor cancel ${region}; then destroy again`);
  return exitCodes.alreadyRunning;
}
