import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { cancelPass, type Cancelled } from '../pass/cancel.ts';
import { exitCodes, type ExitCode } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { chooseRegions, overRegions, takeRegions } from '../regions.ts';
import { renderCancelled } from '../render/cancelled.ts';
import { withTemporal } from '../temporal.ts';
import { outputOption, type OutputForm } from '../terminal/output.ts';

interface Options {
  readonly all: boolean;
  readonly output: OutputForm;
}

/** `innervisor cancel`. */
export function addCancelCommand(program: Command, invocation: Invocation): void {
  const command = program
    .command('cancel')
    .description(
      'stop the pass that runs in a region, wait for its end, and say what it has done and what not',
    );
  takeRegions(command)
    .addOption(outputOption())
    .action(async (named: readonly string[], { all, output }: Options) => {
      const regions = chooseRegions(await invocation.config(), { named, all }, 'refuse');
      process.exitCode = await withTemporal((client) => cancelAll(client, regions, output, all));
    });
  addManual(command, {
    notes: [
      'The step that is under way ends first, and silences are ended whose probes stay after all. What was created or deleted is\nnot undone: the next pass goes on from what it finds. The schedule stays as it is; see innervisor schedule pause.',
    ],
    examples: [
      ['innervisor cancel luxembourg', 'stop the pass'],
      ['innervisor schedule pause luxembourg --reason "looking into it"', 'and let no other one start'],
    ],
    exits: [exitCodes.detached],
  });
}

async function cancelAll(
  client: Client,
  regions: readonly string[],
  output: OutputForm,
  all: boolean,
): Promise<ExitCode> {
  const leave = (): void => {
    console.error('the pass has been asked to stop; innervisor status shows when it has');
    process.exit(exitCodes.detached);
  };
  process.once('SIGINT', leave);
  try {
    return await overRegions<Cancelled>(
      regions,
      { output, all, render: renderCancelled },
      async (region) => ({ code: exitCodes.ok, result: await cancelPass(client, region, !all) }),
    );
  } finally {
    process.off('SIGINT', leave);
  }
}
