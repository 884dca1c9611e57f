import type { Config } from '../config/index.ts';
import { describeError } from './describeError.ts';
import { CliError, exitCodes, worst, type ExitCode } from './errors.ts';
import { printError } from './terminal/messages.ts';
import type { OutputForm } from './options.ts';
import { printResult } from './terminal/output.ts';
import type { Paint } from './terminal/paint.ts';

/** Which regions were asked for. */
export interface RegionChoice {
  readonly named: readonly string[];
  readonly all: boolean;
}

/**
 * The regions that a command is about, each once.
 * @param whenNone What it means that no region was named: a mistake, or all of them.
 * @throws CliError for one that isn't configured, and where nothing is chosen.
 */
export function chooseRegions(
  { regions }: Config,
  { named, all }: RegionChoice,
  whenNone: 'refuse' | 'all',
): readonly string[] {
  const known = Object.keys(regions);
  const has = `innervisor.yaml has: ${known.join(', ')}`;
  if (all && named.length > 0) throw new CliError('name regions or say --all, not both', { hint: has });
  if (all || (named.length === 0 && whenNone === 'all')) return known;
  if (named.length === 0) throw new CliError('which region? Name one or more, or say --all', { hint: has });
  const unknown = named.find((region) => regions[region] === undefined);
  if (unknown !== undefined)
    throw new CliError(`no region ${JSON.stringify(unknown)} in innervisor.yaml`, { hint: has });
  return [...new Set(named)];
}

/** What a command has found about one region, or done in it. */
export interface RegionOutcome<T> {
  readonly code: ExitCode;
  readonly result: T;
}

/** How the outcomes of several regions are shown. */
export interface RegionOutput<T> {
  readonly output: OutputForm;
  /** Without it, one region's result is printed by itself. */
  readonly all: boolean;
  readonly render: (result: T, paint: Paint) => string;
  /** Called once everything is known and before anything is printed. */
  readonly onSettled?: () => void;
}

/**
 * Does something in each region side by side and prints the results in the regions' order: one by itself, several as a
 * list. A region that fails stops no other. Gives the exit code.
 * @throws What failed, where there is only one region.
 */
export async function overRegions<T>(
  regions: readonly string[],
  { output, all, render, onSettled }: RegionOutput<T>,
  work: (region: string) => Promise<RegionOutcome<T>>,
): Promise<ExitCode> {
  const settled = await Promise.allSettled(regions.map(work));
  onSettled?.();
  const [only] = settled;
  if (!all && only !== undefined && settled.length === 1) {
    if (only.status === 'rejected') throw only.reason;
    const { code, result } = only.value;
    printResult(output, result, (paint) => render(result, paint));
    return code;
  }
  const results = settled.map((one, index) =>
    one.status === 'fulfilled'
      ? one.value.result
      : {
          region: regions[index] ?? '',
          outcome: 'error' as const,
          ...failureOf(regions[index] ?? '', one.reason),
        },
  );
  printResult(output, results, (paint) =>
    settled
      .flatMap((one) => (one.status === 'fulfilled' ? [render(one.value.result, paint)] : []))
      .join('\n'),
  );
  return worst(settled.map((one) => (one.status === 'fulfilled' ? one.value.code : exitCodes.failed)));
}

function failureOf(region: string, reason: unknown) {
  const { message, hint } = describeError(reason);
  printError(`${region}: ${message}`, hint);
  return { error: message, ...(hint === undefined ? {} : { hint }) };
}
