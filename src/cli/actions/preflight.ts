import { taskQueueOf, type Config } from '../../config/index.ts';
import type { PreflightReport } from '../../domain/preflight.ts';
import { names } from '../../workflows/contract.ts';
import { exitCodes, type ExitCode } from '../errors.ts';
import { lookAtRegion } from '../look.ts';
import type { OutputForm } from '../options.ts';
import { chooseRegions, overRegions } from '../regions.ts';
import { renderPreflight } from '../render/preflight.ts';
import { withTemporal } from '../temporal.ts';

/** Options of `innervisor preflight`. */
export interface PreflightOptions {
  readonly all: boolean;
  readonly output: OutputForm;
}

const TIMEOUT_MS = 5 * 60_000;

/** Looks whether these regions are ready for a first pass. */
export async function preflight(
  config: Config,
  named: readonly string[],
  { all, output }: PreflightOptions,
): Promise<ExitCode> {
  const regions = chooseRegions(config, { named, all }, 'refuse');
  return await withTemporal((client) =>
    overRegions(regions, { output, all, render: renderPreflight }, async (region) => {
      const result = await lookAtRegion<PreflightReport>(client, {
        command: 'preflight',
        workflow: names.preflightRegion,
        input: { region },
        taskQueue: taskQueueOf(config, region),
        timeoutMs: TIMEOUT_MS,
      });
      return { code: result.outcome === 'ready' ? exitCodes.ok : exitCodes.failed, result };
    }),
  );
}
