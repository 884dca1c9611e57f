import type { Command } from 'commander';
import type { Config, RegionConfig } from '../../config/index.ts';
import { exitCodes } from '../errors.ts';
import { addManual, type Manual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { readPeers } from '../published/peers.ts';
import { listTargets } from '../published/targets.ts';
import { chooseRegions, overRegions, takeRegions } from '../regions.ts';
import { renderPeers, renderTargets } from '../render/published.ts';
import { outputOption, type OutputForm } from '../terminal/output.ts';
import type { Paint } from '../terminal/paint.ts';

/** `innervisor targets` and `innervisor peers`. */
export function addPublishedCommands(program: Command, invocation: Invocation): void {
  addReadCommand(
    program.command('targets').description('show which probes Prometheus scrapes, and how they answer'),
    invocation,
    {
      read: async (region, config) => ({ region, targets: await listTargets(region, config) }),
      render: renderTargets,
      manual: {
        notes: [
          'Asks the first Prometheus of a region, prometheus.url, from this machine, with the password or token file that is named there.',
        ],
        examples: [['innervisor targets luxembourg', 'what Prometheus has now']],
      },
    },
  );
  addReadCommand(
    program.command('peers').description('show the list of peers that the probes of a region read'),
    invocation,
    {
      read: async (region, config) => ({ region, document: (await readPeers(region, config)) ?? null }),
      render: renderPeers,
      manual: {
        notes: [
          'Reads peers.readUrl from this machine without credentials, as the probes do; the signature is not checked.',
        ],
        examples: [['innervisor peers luxembourg --output json', 'the list, for programs']],
      },
    },
  );
}

/** A command that reads something of each region without Temporal. */
export function addReadCommand<T>(
  command: Command,
  invocation: Invocation,
  what: {
    readonly read: (region: string, config: RegionConfig) => Promise<T>;
    readonly render: (result: T, paint: Paint) => string;
    readonly manual: Manual;
  },
): void {
  takeRegions(command)
    .addOption(outputOption())
    .action(async (named: readonly string[], { all, output }: { all: boolean; output: OutputForm }) => {
      const config = await invocation.config();
      const regions = chooseRegions(config, { named, all }, 'all');
      const isList = all || named.length === 0;
      process.exitCode = await overRegions(
        regions,
        { output, all: isList, render: what.render },
        async (region) => ({
          code: exitCodes.ok,
          result: await what.read(region, regionOf(config, region)),
        }),
      );
    });
  addManual(command, what.manual);
}

/** What the configuration says of a region that was chosen from it. */
export function regionOf({ regions }: Config, region: string): RegionConfig {
  const config = regions[region];
  if (config === undefined) throw new RangeError(`no region ${region}`);
  return config;
}
