import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { exitCodes, type ExitCode } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { openBoard } from '../pass/board.ts';
import { describeNewest, watchPass } from '../pass/watch.ts';
import { chooseRegions, overRegions, takeRegions } from '../regions.ts';
import { renderStatus } from '../render/status.ts';
import { readStatus, type RegionStatus } from '../status/read.ts';
import { withTemporal } from '../temporal.ts';
import { outputOption, type OutputForm } from '../terminal/output.ts';
import type { Paint } from '../terminal/paint.ts';

interface Options {
  readonly all: boolean;
  readonly follow: boolean;
  readonly output: OutputForm;
}

/** `innervisor status`. */
export function addStatusCommand(program: Command, invocation: Invocation): void {
  const command = program
    .command('status')
    .description(
      'show what runs, what waits for approval, how the last pass went and when the next one starts',
    );
  takeRegions(command)
    .option('--follow', 'follow the passes that run to their end first; Ctrl-C leaves them alone', false)
    .addOption(outputOption())
    .action(async (named: readonly string[], { all, follow, output }: Options) => {
      const regions = chooseRegions(await invocation.config(), { named, all }, 'all');
      const isList = all || named.length === 0;
      process.exitCode = await withTemporal(async (client) => {
        if (follow) await followAll(client, regions);
        return await showAll(client, regions, output, isList);
      });
    });
  addManual(command, {
    notes: ['Asks Temporal alone. Without a region, every region. A dry run doesn’t count as the last pass.'],
    examples: [
      ['innervisor status', 'every region'],
      ['innervisor status luxembourg --follow', 'come back to a pass after Ctrl-C'],
      ['innervisor status --output json', 'for programs; always a list where no single region is named'],
    ],
    exits: [exitCodes.detached],
  });
}

async function showAll(
  client: Client,
  regions: readonly string[],
  output: OutputForm,
  all: boolean,
): Promise<ExitCode> {
  const render = (status: RegionStatus, paint: Paint): string => renderStatus(status, Date.now(), paint);
  return await overRegions(regions, { output, all, render }, async (region) => ({
    code: exitCodes.ok,
    result: await readStatus(client, region),
  }));
}

async function followAll(client: Client, regions: readonly string[]): Promise<void> {
  const board = openBoard(process.stderr);
  const leave = (): void => {
    board.close();
    process.exit(exitCodes.detached);
  };
  process.once('SIGINT', leave);
  try {
    await Promise.all(
      regions.map(async (region) => {
        const newest = await describeNewest(client, region);
        if (newest?.status.name !== 'RUNNING') return;
        const follower = board.follower(region);
        const { signal } = new AbortController();
        for await (const view of watchPass(client, { region, runId: newest.runId }, signal))
          follower.shows(view);
      }),
    );
  } finally {
    process.off('SIGINT', leave);
    board.close();
  }
}
