import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import { CliError, exitCodes, type ExitCode } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { asHeld, nothingHeld, sayWord, whoAmI, type Held, type Word } from '../pass/approval.ts';
import { askForReport, describeNewest } from '../pass/watch.ts';
import { chooseRegions, overRegions, takeRegions } from '../regions.ts';
import { renderPlan } from '../render/plan.ts';
import { withTemporal } from '../temporal.ts';
import { ask, canAsk } from '../terminal/ask.ts';
import { outputOption, type OutputForm } from '../terminal/output.ts';
import { paintFor } from '../terminal/paint.ts';

interface Options {
  readonly all: boolean;
  /** The hash of the plan that was looked at; asked for at the terminal where it isn't given. */
  readonly plan?: string;
  readonly yes: boolean;
  readonly output: OutputForm;
}

/** `innervisor approve` and `innervisor reject`. */
export function addDecideCommand(program: Command, invocation: Invocation, word: Word): void {
  const command = program
    .command(word)
    .description(`${word} the plan of a region that the guard holds: show it, ask, and say so to the pass`);
  takeRegions(command)
    .option('--plan <hash>', 'the plan that you have looked at; without it you are asked')
    .option('--yes', 'whichever plan waits, without being asked', false)
    .addOption(outputOption())
    .action(async (named: readonly string[], options: Options) => {
      const regions = chooseRegions(await invocation.config(), { named, ...options }, 'refuse');
      if (options.plan !== undefined && regions.length > 1)
        throw new CliError('--plan names the plan of one region; name one region');
      process.exitCode = await withTemporal((client) => decideAll(client, regions, word, options));
    });
  addManual(command, {
    notes: [
      `The same by Temporal's own tools:\n  temporal workflow signal --workflow-id region/luxembourg --name ${word} --input '{"plan":"0123456789ab","by":"me"}'`,
    ],
    examples: [
      [`innervisor ${word} luxembourg`, 'show the plan and ask'],
      [`innervisor ${word} luxembourg --plan 0123456789ab`, 'this plan and no other, without asking'],
    ],
  });
}

async function decideAll(
  client: Client,
  regions: readonly string[],
  word: Word,
  options: Options,
): Promise<ExitCode> {
  // One question at a time.
  let before: Promise<unknown> = Promise.resolve();
  const { output, all } = options;
  const render = ({ answer }: Decided): string => answer;
  return await overRegions(regions, { output, all, render }, (region) => {
    const decided = before.then(() => decide(client, region, word, options));
    before = decided.catch(() => undefined);
    return decided.then((result) => ({ code: exitCodes.ok, result }));
  });
}

interface Decided {
  readonly region: string;
  readonly plan: string;
  readonly word: Word;
  readonly by: string;
  readonly answer: string;
}

async function decide(client: Client, region: string, word: Word, options: Options): Promise<Decided> {
  const held = await findHeld(client, region);
  console.error(renderPlan(held, paintFor(process.stderr)));
  const plan = await choosePlan(held, word, options);
  const answer = await sayWord(client, region, word, plan);
  return { region, plan, word, by: whoAmI(), answer };
}

async function findHeld(client: Client, region: string): Promise<Held> {
  const newest = await describeNewest(client, region);
  if (newest?.status.name !== 'RUNNING') throw nothingHeld(region);
  const held = asHeld(await askForReport(client, { region, runId: newest.runId }));
  if (held === undefined) throw nothingHeld(region);
  return held;
}

async function choosePlan({ planHash, region }: Held, word: Word, { plan, yes }: Options): Promise<string> {
  // The pass itself compares it with the plan that waits, which may have become another one by now.
  if (plan !== undefined) return plan;
  if (yes) return planHash;
  if (!canAsk())
    throw new CliError('nobody is there to be asked', {
      hint: `say which plan: innervisor ${word} ${region} --plan ${planHash}`,
    });
  const said = await ask(`${word} this plan? Only "yes" is taken: `);
  if (said !== 'yes') throw new CliError('nothing was said; the plan goes on waiting');
  return planHash;
}
