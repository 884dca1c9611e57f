import type { Command } from 'commander';
import type { PreflightOptions } from '../actions/preflight.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption, takeRegions } from '../options.ts';

/** `innervisor preflight`. */
export function addPreflightCommand(program: Command, invocation: Invocation): void {
  const command = program
    .command('preflight')
    .description('check whether a region is ready for its first pass; change nothing');
  takeRegions(command)
    .addOption(outputOption())
    .action(async (named: readonly string[], options: PreflightOptions) => {
      const { preflight } = await import('../actions/preflight.ts');
      process.exitCode = await preflight(await invocation.config(), named, options);
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
