import type { Command } from 'commander';
import type { ReadOptions, Show } from '../actions/published.ts';
import { addManual, type Manual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption, takeRegions } from '../options.ts';

/** `innervisor targets` and `innervisor peers`. */
export function addPublishedCommands(program: Command, invocation: Invocation): void {
  addReadCommand(
    program.command('targets').description('show which probes Prometheus scrapes, and how they answer'),
    invocation,
    {
      show: async () => (await import('../actions/published.ts')).showTargets,
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
      show: async () => (await import('../actions/published.ts')).showPeers,
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
export function addReadCommand(
  command: Command,
  invocation: Invocation,
  { show, manual }: { readonly show: () => Promise<Show>; readonly manual: Manual },
): void {
  takeRegions(command)
    .addOption(outputOption())
    .action(async (named: readonly string[], options: ReadOptions) => {
      const showNamed = await show();
      process.exitCode = await showNamed(await invocation.config(), named, options);
    });
  addManual(command, manual);
}
