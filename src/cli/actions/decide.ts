import type { Client } from '@temporalio/client';
import type { Config } from '../../config/index.ts';
import { CliError, exitCodes, type ExitCode } from '../errors.ts';
import type { OutputForm } from '../options.ts';
import { asHeld, nothingHeld, sayWord, whoAmI, type Held, type Word } from '../pass/approval.ts';
import { askForReport, describeNewest } from '../pass/watch.ts';
import { chooseRegions, overRegions } from '../regions.ts';
import { renderPlan } from '../render/plan.ts';
import { withTemporal } from '../temporal.ts';
import { ask, canAsk } from '../terminal/ask.ts';
import { paintFor } from '../terminal/paint.ts';

/** Options of `innervisor approve` and `innervisor reject`. */
export interface DecideOptions {
  readonly all: boolean;
  /** The hash of the plan that was looked at; asked for at the terminal where it isn't given. */
  readonly plan?: string;
  readonly yes: boolean;
  readonly output: OutputForm;
}

/** Says a word on the plans of these regions that the guard holds. */
export async function decide(
  config: Config,
  named: readonly string[],
  word: Word,
  options: DecideOptions,
): Promise<ExitCode> {
  const regions = chooseRegions(config, { named, ...options }, 'refuse');
  if (options.plan !== undefined && regions.length > 1)
    throw new CliError('--plan names the plan of one region; name one region', {
      hint: `one after the other: innervisor ${word} ${regions[0]} --plan ${options.plan}`,
    });
  return await withTemporal((client) => decideAll(client, regions, word, options));
}

async function decideAll(
  client: Client,
  regions: readonly string[],
  word: Word,
  options: DecideOptions,
): Promise<ExitCode> {
  // One question at a time, and none after Ctrl-C.
  let before: Promise<unknown> = Promise.resolve();
  let interruption: InterruptedError | undefined;
  const { output, all } = options;
  const render = ({ answer }: Decided): string => answer;
  return await overRegions(regions, { output, all, render }, (region) => {
    const decided = before.then(() => {
      if (interruption !== undefined) throw interruption;
      return decideOn(client, region, word, options);
    });
    before = decided.catch((error: unknown) => {
      if (error instanceof InterruptedError) interruption = error;
    });
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

async function decideOn(
  client: Client,
  region: string,
  word: Word,
  options: DecideOptions,
): Promise<Decided> {
  const held = await findHeld(client, region);
  console.error(renderPlan(held, paintFor(process.stderr)));
  const plan = await choosePlan(held, word, options);
  const answer = await sayWord(client, region, word, plan);
  return { region, plan, word, by: whoAmI(), answer };
}

async function findHeld(client: Client, region: string): Promise<Held> {
  const newest = await describeNewest(client, region);
  if (newest?.status.name !== 'RUNNING') throw nothingHeld(region);
  const { runId, taskQueue } = newest;
  const progress = await askForReport(client, { region, runId });
  if (progress === undefined)
    throw new CliError(`the pass over ${region} can't be asked which plan waits: no worker answers`, {
      hint: `see that a worker runs, innervisor worker --task-queue ${taskQueue}, and run the command again`,
    });
  const held = asHeld(progress);
  if (held === undefined) throw nothingHeld(region);
  return held;
}

async function choosePlan(
  { planHash, region }: Held,
  word: Word,
  { plan, yes }: DecideOptions,
): Promise<string> {
  // The pass itself compares it with the plan that waits, which may have become another one by now.
  if (plan !== undefined) return plan;
  if (yes) return planHash;
  if (!canAsk())
    throw new CliError('nobody is there to be asked', {
      hint: `say which plan: innervisor ${word} ${region} --plan ${planHash}`,
    });
  const answer = await ask(`${word} this plan? Only "yes" is taken: `);
  if (answer.kind === 'interrupted') throw new InterruptedError();
  if (answer.kind !== 'said' || answer.text !== 'yes')
    throw new CliError('nothing was decided; the plan goes on waiting', {
      hint: `innervisor ${word} ${region} asks again`,
    });
  return planHash;
}

/** Ctrl-C at a question: no further one is asked. */
class InterruptedError extends CliError {
  constructor() {
    super('nothing was decided; what waits goes on waiting', { hint: 'innervisor status shows what waits' });
  }
}
