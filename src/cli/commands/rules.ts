import type { Command } from 'commander';
import type { RulesOptions } from '../actions/rules.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';

/** `innervisor rules`. */
export function addRulesCommand(program: Command, invocation: Invocation): void {
  const command = program
    .command('rules')
    .description("print or write Prometheus' rules: what is recorded of the probes, and the alerts on it")
    .option('-d, --output-dir <folder>', 'write the files into this folder, which is made')
    .action(async (options: RulesOptions) => {
      const { rules } = await import('../actions/rules.ts');
      await rules(await invocation.config(), options);
    });
  addManual(command, {
    notes: [
      'Thresholds are those in `alerts` of each region. A folder gets innervisor.rules.yaml, for the Prometheus that scrapes the probes,\nand innervisor-worker.rules.yaml, for the one that scrapes the workers; stdout gets both as one file. Asks nobody over the network.',
      'Load the rules anew after a change of `alerts`: `promtool check rules FOLDER/*.rules.yaml`, then a POST to /-/reload of Prometheus.',
    ],
    examples: [
      ['innervisor rules --output-dir /etc/prometheus/rules', 'on the host of Prometheus'],
      ['innervisor rules > all.rules.yaml', 'one file, for a Prometheus that scrapes everything'],
      [
        'innervisor rules --config new.yaml > new.rules.yaml',
        'to compare, before new thresholds are rolled out',
      ],
    ],
  });
}
