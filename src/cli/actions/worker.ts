import { ConnectionError, runWorker, type WorkerOptions } from '../../../worker/main.ts';
import { logFatal } from '../../../worker/telemetry.ts';
import { ConfigReferenceError } from '../../config/error.ts';
import type { Config } from '../../config/index.ts';
import { describeError } from '../describeError.ts';
import { exitCodes } from '../errors.ts';
import { withTemporal } from '../temporal.ts';

/** Runs a worker in this process until it is told to stop. Why it can't is logged like all that a worker says. */
export async function work(config: Config, options: WorkerOptions): Promise<void> {
  try {
    await runWorker(config, options);
  } catch (error) {
    logFatal(withAdvice(error instanceof ConnectionError ? await findReason(error) : error));
    process.exitCode = exitCodes.failed;
  }
}

/** Asks the way commands do, which learn why they can't. */
async function findReason(error: ConnectionError): Promise<unknown> {
  try {
    await withTemporal(() => Promise.resolve());
    return error;
  } catch (reason) {
    return reason;
  }
}

function withAdvice(error: unknown): unknown {
  const { message, hint } = describeError(error);
  return hint === undefined ? error : new ConfigReferenceError(`${message}; ${hint}`, { cause: error });
}
