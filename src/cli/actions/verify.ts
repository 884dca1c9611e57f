import { taskQueueOf, type Config } from '../../config/index.ts';
import type { RegionVerification } from '../../domain/verification.ts';
import { names } from '../../workflows/contract.ts';
import { exitCodes, type ExitCode } from '../errors.ts';
import { lookAtRegion } from '../look.ts';
import type { OutputForm } from '../options.ts';
import { chooseRegions, overRegions } from '../regions.ts';
import { renderVerification } from '../render/verification.ts';
import { withTemporal } from '../temporal.ts';

/** Options of `innervisor verify`. */
export interface VerifyOptions {
  readonly all: boolean;
  readonly output: OutputForm;
}

const TIMEOUT_MS = 25 * 60_000;

/** Looks whether all is right in these regions. */
export async function verify(
  config: Config,
  named: readonly string[],
  { all, output }: VerifyOptions,
): Promise<ExitCode> {
  const regions = chooseRegions(config, { named, all }, 'refuse');
  return await withTemporal((client) =>
    overRegions(regions, { output, all, render: renderVerification }, async (region) => {
      const result = await lookAtRegion<RegionVerification>(client, {
        command: 'verify',
        workflow: names.verifyRegion,
        input: { region },
        taskQueue: taskQueueOf(config, region),
        timeoutMs: TIMEOUT_MS,
      });
      return { code: exitCodeOf(result), result };
    }),
  );
}

function exitCodeOf({ outcome, held }: RegionVerification): ExitCode {
  switch (outcome) {
    case 'converged':
      return exitCodes.ok;
    case 'drifted':
      return held.length > 0 ? exitCodes.held : exitCodes.changes;
    case 'degraded':
      return exitCodes.degraded;
  }
}
