#!/usr/bin/env node
import { Command, InvalidArgumentError, Option } from 'commander';
import { ServiceError, WorkflowFailedError } from '@temporalio/client';
import { checkConfig } from '../config/check.ts';
import { readExample } from '../config/example.ts';
import { ConfigError, findConfigPath, loadConfig, type Config } from '../config/index.ts';
import { describeConfigFile } from '../config/jsonSchema.ts';
import { CliError, exitCodes } from './errors.ts';
import { decide } from './decide.ts';
import { reconcile } from './reconcile.ts';
import { applySchedule } from './schedule.ts';
import { connectTemporal } from './temporal.ts';

const EXIT_CODES = `
Exit codes:
  0  done                  1  failed, or wrong usage
  3  held by the guard     4  done, but something is degraded
  5  a pass already runs   130  detached, the pass goes on`;

const program = new Command('innervisor')
  .description('Monitoring of OpenStack hypervisors from the inside: one small probe VM on each.')
  .option(
    '-c, --config <file>',
    'configuration (default: $INNERVISOR_CONFIG, ./innervisor.yaml, /etc/innervisor/innervisor.yaml)',
  )
  .showHelpAfterError()
  .addHelpText('after', EXIT_CODES);

const config = program.command('config').description('look at the configuration');
config
  .command('check')
  .description('check innervisor.yaml, the clouds that it names and the files that it points to')
  .addHelpText('after', '\nExample:\n  innervisor config check --config /etc/innervisor/innervisor.yaml')
  .action(async () => {
    const path = await configPath();
    await checkConfig(path);
    console.log(`${path}: ok`);
  });
config
  .command('schema')
  .description('print the JSON Schema of innervisor.yaml, by which editors complete and check it')
  .addHelpText('after', '\nExample:\n  innervisor config schema > innervisor.schema.json')
  .action(() => {
    console.log(JSON.stringify(describeConfigFile(), null, 2));
  });
config
  .command('example')
  .description('print an innervisor.yaml with every key, to start from')
  .addHelpText('after', '\nExample:\n  innervisor config example > innervisor.yaml')
  .action(async () => {
    process.stdout.write(await readExample());
  });

program
  .command('reconcile')
  .description('run one pass over a region and follow it; Ctrl-C detaches')
  .argument('<region>', 'a region of innervisor.yaml')
  .option('--dry-run', 'stop after the plan and show it; change nothing', false)
  .option('--detach', 'start the pass and return at once', false)
  .addOption(outputOption())
  .addHelpText(
    'after',
    `\nExamples:\n  innervisor reconcile luxembourg --dry-run\n  innervisor reconcile luxembourg --output json\n${EXIT_CODES}`,
  )
  .action(async (region: string, options: { dryRun: boolean; detach: boolean; output: 'text' | 'json' }) => {
    const { temporal } = await readConfigOf(region);
    const { client, close } = await connectTemporal();
    try {
      process.exitCode = await reconcile(client, { region, taskQueue: temporal.taskQueue, ...options });
    } finally {
      await close();
    }
  });

for (const word of ['approve', 'reject'] as const)
  program
    .command(word)
    .description(`${word} the plan of a region that the guard holds: show it, ask, and say so to the pass`)
    .argument('<region>', 'a region of innervisor.yaml')
    .option('--plan <hash>', 'the plan that you have looked at; without it you are asked')
    .option('--yes', 'whichever plan waits, without being asked', false)
    .addOption(outputOption())
    .addHelpText(
      'after',
      `\nExamples:\n  innervisor ${word} luxembourg\n  innervisor ${word} luxembourg --plan 0123456789ab\n\nThe same by Temporal's own tools:\n  temporal workflow signal --workflow-id region/luxembourg --name ${word} --input '{"plan":"0123456789ab","by":"me"}'`,
    )
    .action(async (region: string, options: { plan?: string; yes: boolean; output: 'text' | 'json' }) => {
      await readConfigOf(region);
      const { client, close } = await connectTemporal();
      try {
        await decide(client, { ...options, region, word, plan: options.plan });
      } finally {
        await close();
      }
    });

const schedule = program.command('schedule').description('the schedules that repeat the passes');
schedule
  .command('apply')
  .description('create each region’s schedule, or bring it up to date with innervisor.yaml')
  .addOption(outputOption())
  .addHelpText('after', '\nExample:\n  innervisor schedule apply')
  .action(async ({ output }: { output: 'text' | 'json' }) => {
    const { regions, temporal } = await readConfig();
    const { client, close } = await connectTemporal();
    try {
      const applied: Record<string, string> = {};
      for (const [region, { schedule: wanted }] of Object.entries(regions)) {
        const { everyMs, jitterMs } = wanted;
        applied[region] = await applySchedule(client, {
          region,
          taskQueue: temporal.taskQueue,
          everyMs,
          jitterMs,
        });
      }
      if (output === 'json') console.log(JSON.stringify(applied, null, 2));
      else for (const [region, what] of Object.entries(applied)) console.log(`${region}: ${what}`);
    } finally {
      await close();
    }
  });

function outputOption(): Option {
  return new Option('--output <form>', 'form of the result').choices(['text', 'json']).default('text');
}

async function configPath(): Promise<string> {
  return await findConfigPath(program.opts<{ config?: string }>().config);
}

async function readConfig(): Promise<Config> {
  return await loadConfig(await configPath());
}

async function readConfigOf(region: string): Promise<Config> {
  const read = await readConfig();
  if (read.regions[region] === undefined) {
    const has = Object.keys(read.regions).join(', ');
    throw new CliError(`no region ${JSON.stringify(region)} in innervisor.yaml; it has: ${has}`);
  }
  return read;
}

try {
  await program.parseAsync();
} catch (error) {
  console.error(describeError(error));
  process.exitCode = exitCodes.failed;
}

/** One line for what a person can mend; the stack only for what is our own mistake. */
function describeError(error: unknown): string {
  if (error instanceof ConfigError || error instanceof CliError || error instanceof InvalidArgumentError)
    return error.message;
  if (error instanceof WorkflowFailedError) return `the pass failed: ${rootCause(error).message}`;
  if (error instanceof ServiceError) return `Temporal refused: ${error.message}`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function rootCause(error: Error): Error {
  return error.cause instanceof Error ? rootCause(error.cause) : error;
}
