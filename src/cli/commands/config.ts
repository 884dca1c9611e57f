import type { Command } from 'commander';
import type { CheckOptions } from '../actions/config.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { outputOption, type OutputForm } from '../options.ts';

/** `innervisor config check|schema|example`. */
export function addConfigCommand(program: Command, invocation: Invocation): void {
  const config = program.command('config').description('look at the configuration');
  addManual(
    config
      .command('check')
      .description('check innervisor.yaml, the clouds that it names and the files that it points to')
      .option('--task-queue <name>', 'only what workers of that task queue need (default: of all)')
      .addOption(outputOption())
      .action(async (options: CheckOptions) => {
        const { check } = await import('../actions/config.ts');
        await check(invocation, options);
      }),
    {
      notes: ['Asks nobody over the network. Every problem is told with its line and key.'],
      examples: [
        ['innervisor config check --config /etc/innervisor/innervisor.yaml', 'before it is rolled out'],
      ],
    },
  );
  addManual(
    config
      .command('schema')
      .description('print the JSON Schema of innervisor.yaml, by which editors complete and check it')
      .addOption(outputOption().default('json'))
      .action(async ({ output }: { readonly output: OutputForm }) => {
        const { printSchema } = await import('../actions/config.ts');
        printSchema(output);
      }),
    { examples: [['innervisor config schema > innervisor.schema.json', 'for an editor']] },
  );
  addManual(
    config
      .command('example')
      .description('print an innervisor.yaml with every key, to start from')
      .addOption(outputOption().default('yaml'))
      .action(async ({ output }: { readonly output: OutputForm }) => {
        const { printExample } = await import('../actions/config.ts');
        await printExample(output);
      }),
    { examples: [['innervisor config example > innervisor.yaml', 'a first one']] },
  );
}
