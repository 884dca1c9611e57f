import type { Command } from 'commander';
import { exitCodes } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { startPass } from '../pass/start.ts';
import { exitCodeOf, openRun } from '../reconcile.ts';
import { chooseRegions, overRegions, takeRegions } from '../regions.ts';
import { renderResult } from '../render/report.ts';
import { withTemporal } from '../temporal.ts';
import { outputOption, type OutputForm } from '../terminal/output.ts';

interface Options {
  readonly all: boolean;
  readonly dryRun: boolean;
  readonly detach: boolean;
  readonly yes: boolean;
  readonly output: OutputForm;
}

/** `innervisor reconcile`. */
export function addReconcileCommand(program: Command, invocation: Invocation): void {
  const command = program.command('reconcile').description('run one pass over each region and follow it');
  takeRegions(command)
    .option('--dry-run', 'stop after the plan and show it; change nothing', false)
    .option('--detach', 'start the passes and return at once', false)
    .option('--yes', 'approve a plan that the guard holds, after it was shown', false)
    .addOption(outputOption())
    .action(async (named: readonly string[], options: Options) => {
      const config = await invocation.config();
      const regions = chooseRegions(config, { named, ...options }, 'refuse');
      process.exitCode = await reconcile(regions, config.temporal.taskQueue, options);
    });
  addManual(command, {
    notes: [
      'Shows on stderr how the pass goes on: step by step at a terminal, a line for each new thing elsewhere. Where the guard\nholds the plan, you are asked at a terminal; without one the pass waits for innervisor approve. Ctrl-C detaches: the pass\ngoes on, and innervisor status REGION --follow shows it again.',
    ],
    examples: [
      ['innervisor reconcile luxembourg', 'one pass, to its end'],
      ['innervisor reconcile luxembourg --dry-run', 'only the plan; see also innervisor plan'],
      ['innervisor reconcile --all --detach', 'start one in every region'],
      ['innervisor reconcile luxembourg --output json', 'the report, for programs'],
    ],
    exits: [exitCodes.held, exitCodes.degraded, exitCodes.alreadyRunning, exitCodes.detached],
  });
}

async function reconcile(regions: readonly string[], taskQueue: string, options: Options) {
  const { all, detach, dryRun, yes, output } = options;
  return await withTemporal(async (client) => {
    if (detach)
      return await overRegions(regions, { output, all, render: renderStarted }, async (region) => {
        const { workflowId } = await startPass(client, { region, taskQueue, dryRun });
        return { code: exitCodes.ok, result: { region, workflowId } };
      });
    const run = openRun(client, { taskQueue, dryRun, approves: yes });
    const render = { output, all, render: renderResult, onSettled: () => run.close() };
    return await overRegions(regions, render, async (region) => {
      const result = await run.pass(region);
      return { code: exitCodeOf(result), result };
    });
  });
}

function renderStarted({ workflowId }: { readonly workflowId: string }): string {
  return `started ${workflowId}`;
}
