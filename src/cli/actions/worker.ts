import { runWorker, type WorkerOptions } from '../../../worker/main.ts';
import type { Config } from '../../config/index.ts';

/** Runs a worker in this process until it is told to stop. */
export async function work(config: Config, options: WorkerOptions): Promise<void> {
  await runWorker(config, options);
}
