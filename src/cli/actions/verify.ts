import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import type { Config } from '../../config/index.ts';
import type { RegionVerification } from '../../domain/verification.ts';
import { names, type VerifyInput } from '../../workflows/contract.ts';
import { exitCodes, type ExitCode } from '../errors.ts';
import type { OutputForm } from '../options.ts';
import { warnWithoutWorker } from '../pass/start.ts';
import { chooseRegions, overRegions } from '../regions.ts';
import { renderVerification } from '../render/verification.ts';
import { withTemporal } from '../temporal.ts';

/** Options of `innervisor verify`. */
export interface VerifyOptions {
  readonly all: boolean;
  readonly output: OutputForm;
}

/** Longer than all its steps may take together; one that no worker has taken up by then isn't wanted any more. */
const EXECUTION_TIMEOUT = '25 minutes';

/** Looks whether all is right in these regions. */
export async function verify(
  config: Config,
  named: readonly string[],
  { all, output }: VerifyOptions,
): Promise<ExitCode> {
  const regions = chooseRegions(config, { named, all }, 'refuse');
  const { taskQueue } = config.temporal;
  return await withTemporal((client) =>
    overRegions(regions, { output, all, render: renderVerification }, async (region) => {
      const result = await verifyOne(client, region, taskQueue);
      return { code: exitCodeOf(result), result };
    }),
  );
}

/** Workers ask, since they alone have the credentials and the way to OpenStack, S3 and Prometheus. */
async function verifyOne(client: Client, region: string, taskQueue: string): Promise<RegionVerification> {
  const handle = await client.workflow.start<(input: VerifyInput) => Promise<RegionVerification>>(
    names.verifyRegion,
    {
      taskQueue,
      workflowId: `verify/${region}/${randomUUID()}`,
      args: [{ region }],
      staticSummary: `innervisor verify ${region}`,
      workflowExecutionTimeout: EXECUTION_TIMEOUT,
    },
  );
  const ended = new AbortController();
  const warned = warnWithoutWorker(client, { region, taskQueue }, ended.signal);
  try {
    return await handle.result();
  } finally {
    ended.abort();
    await warned;
  }
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
