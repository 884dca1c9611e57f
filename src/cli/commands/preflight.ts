import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { Command } from 'commander';
import type { PreflightReport } from '../../domain/preflight.ts';
import { names } from '../../workflows/contract.ts';
import { exitCodes } from '../errors.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { hasWorker } from '../pass/start.ts';
import { chooseRegions, overRegions, takeRegions } from '../regions.ts';
import { renderPreflight } from '../render/preflight.ts';
import { withTemporal } from '../temporal.ts';
import { printNote } from '../terminal/messages.ts';
import { outputOption, type OutputForm } from '../terminal/output.ts';

const PREFLIGHT_TIMEOUT_MS = 5 * 60_000;
const WORKER_MISSING_AFTER_MS = 5_000;

interface Options {
  readonly all: boolean;
  readonly output: OutputForm;
}

/** `innervisor preflight`. */
export function addPreflightCommand(program: Command, invocation: Invocation): void {
  const command = program
    .command('preflight')
    .description('check whether a region is ready for its first pass; change nothing');
  takeRegions(command)
    .addOption(outputOption())
    .action(async (named: readonly string[], { output, all }: Options) => {
      const config = await invocation.config();
      const regions = chooseRegions(config, { named, all }, 'refuse');
      const { taskQueue } = config.temporal;
      process.exitCode = await withTemporal(async (client) => {
        return await overRegions(regions, { output, all, render: renderPreflight }, async (region) => {
          const result = await runPreflight(client, region, taskQueue);
          return { code: result.outcome === 'ready' ? exitCodes.ok : exitCodes.failed, result };
        });
      });
    });
  addManual(command, {
    notes: [
      'A worker looks, with its own rights: at hypervisors, flavor, image, networks, security groups, quotas of instances, cores and\nmemory (for the probes that are missing and for those that are replaced), aggregates that admit some projects only, S3,\nPrometheus and Alertmanager. Not checked: rights to create and pin servers and to write to S3, quotas of ports, free addresses.',
    ],
    examples: [
      ['innervisor preflight luxembourg', 'before the first pass'],
      ['innervisor preflight --all --output json', 'for programs; exits with 1 where a check fails'],
    ],
  });
}

/** A workflow of its own, so that the worker's rights count; it waits a while for a worker that is just starting. */
async function runPreflight(client: Client, region: string, taskQueue: string): Promise<PreflightReport> {
  const run = await client.workflow.start<(input: { region: string }) => Promise<PreflightReport>>(
    names.preflightRegion,
    {
      taskQueue,
      workflowId: `preflight/${region}/${randomUUID()}`,
      args: [{ region }],
      staticSummary: `innervisor preflight ${region}`,
      workflowExecutionTimeout: PREFLIGHT_TIMEOUT_MS,
    },
  );
  const ended = new AbortController();
  const missing = tellIfNobodyWorks(client, taskQueue, ended.signal);
  try {
    return await run.result();
  } finally {
    ended.abort();
    await missing;
  }
}

async function tellIfNobodyWorks(client: Client, taskQueue: string, signal: AbortSignal): Promise<void> {
  const isLate = await delay(WORKER_MISSING_AFTER_MS, true, { signal }).catch(() => false);
  if (!isLate) return;
  // Only a hint: what else is wrong with Temporal shows where the result is waited for.
  const isThere = await hasWorker(client, taskQueue).catch(() => true);
  if (!isThere) printNote(`no worker asks for work on task queue ${taskQueue}; start one`);
}
