import type { Command } from 'commander';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';

interface WorkerFlags {
  readonly workflows?: string;
  readonly buildId?: string;
  readonly taskQueue?: string;
}

/** `innervisor worker`. */
export function addWorkerCommand(program: Command, invocation: Invocation): void {
  const command = program
    .command('worker')
    .description('run a worker, which carries out the passes of the regions on its task queue')
    .option('--workflows <file>', 'code of the workflows, made by worker/bundle.ts of a checkout')
    .option('--build-id <id>', 'version that it is of (default: $INNERVISOR_BUILD_ID, or none)')
    .option('--task-queue <name>', 'serve the regions that are on it (default: temporal.taskQueue)')
    .action(async (options: WorkerFlags) => {
      const { work } = await import('../actions/worker.ts');
      await work(await invocation.config(), options);
    });
  addManual(command, {
    notes: [
      'Run two or more: when one ends, the others go on with its passes. Each needs OpenStack and S3 credentials and the files that\ninnervisor.yaml names for the regions on its task queue, and for no others. SIGTERM and Ctrl-C let steps end for some\nseconds; a second one ends it at once. With NODE_OPTIONS="--max-semi-space-size=2" it stays small.',
    ],
    examples: [
      ['innervisor worker --config /etc/innervisor/innervisor.yaml', 'until it is told to stop'],
      ['innervisor worker --task-queue site-a', 'at a site: of the regions with taskQueue: site-a alone'],
      ['innervisor worker --build-id 1.1.0', 'beside those of 1.0.0, which end the passes that they began'],
    ],
  });
}
