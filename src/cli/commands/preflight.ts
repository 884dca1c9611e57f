import type { Command } from 'commander';
import type { PreflightOptions } from '../actions/preflight.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption, takeRegions } from '../options.ts';

/** `innervisor preflight`. */
export function addPreflightCommand(program: Command, invocation: Invocation): void {
  const command = program
    .command('preflight')
    .description('check whether a region is ready for its first pass; change nothing there');
  takeRegions(command)
    .addOption(outputOption())
    .action(async (named: readonly string[], options: PreflightOptions) => {
      const { preflight } = await import('../actions/preflight.ts');
      process.exitCode = await preflight(await invocation.config(), named, options);
    });
  addManual(command, {
    notes: [
      'A worker looks, with its own rights: at hypervisors, flavor and its extra specs, image, networks with their free addresses,\nsecurity groups and what they let in, quotas of instances, cores, memory and ports (for the probes that are missing and for those\nthat are replaced), aggregates that admit some projects only, Prometheus and Alertmanager. In S3 and beside the targets it writes\nand removes objects of its own; the list of peers is read as probes do. Nova is asked for a pinned server of a flavor that there\nis not, and Alertmanager for a silence that lacks everything: their refusals tell whether the account may pin, and silence. What\nthe account isn’t shown is unknown: that is no failure.',
    ],
    examples: [
      ['innervisor preflight luxembourg', 'before the first pass'],
      ['innervisor preflight --all --output json', 'for programs; exits with 1 where a check fails'],
    ],
  });
}
