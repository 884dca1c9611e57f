import { runWorker, type WorkerOptions } from '../../../worker/main.ts';
import { logFatal } from '../../../worker/telemetry.ts';
import type { Config } from '../../config/index.ts';
import { exitCodes } from '../errors.ts';

/** Runs a worker in this process until it is told to stop. Why it can't is logged like all that a worker says. */
export async function work(config: Config, options: WorkerOptions): Promise<void> {
  try {
    await runWorker(config, options);
  } catch (error) {
    logFatal(error);
    process.exitCode = exitCodes.failed;
  }
}
