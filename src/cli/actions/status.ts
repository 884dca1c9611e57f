import type { Client } from '@temporalio/client';
import type { Config } from '../../config/index.ts';
import { exitCodes, type ExitCode } from '../errors.ts';
import type { OutputForm } from '../options.ts';
import { openBoard } from '../pass/board.ts';
import { describeNewest, watchPass } from '../pass/watch.ts';
import { chooseRegions, overRegions } from '../regions.ts';
import { renderStatus } from '../render/status.ts';
import { readStatus, type RegionStatus } from '../status/read.ts';
import { withTemporal } from '../temporal.ts';
import type { Paint } from '../terminal/paint.ts';

/** Options of `innervisor status`. */
export interface StatusOptions {
  readonly all: boolean;
  readonly follow: boolean;
  readonly output: OutputForm;
}

/** Shows how these regions are, after the end of what runs there if that is asked for. */
export async function showStatus(
  config: Config,
  named: readonly string[],
  { all, follow, output }: StatusOptions,
): Promise<ExitCode> {
  const regions = chooseRegions(config, { named, all }, 'all');
  const isList = all || named.length === 0;
  return await withTemporal(async (client) => {
    if (follow) await followAll(client, regions);
    return await showAll(client, regions, output, isList);
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
