import type { Command } from 'commander';
import { checkConfig } from '../../config/check.ts';
import { readExample } from '../../config/example.ts';
import { describeConfigFile } from '../../config/jsonSchema.ts';
import { addManual } from '../help.ts';
import type { Invocation } from '../invocation.ts';
import { parse } from 'yaml';
import { outputOption, printResult, type OutputForm } from '../terminal/output.ts';

/** `innervisor config check|schema|example`. */
export function addConfigCommand(program: Command, invocation: Invocation): void {
  const config = program.command('config').description('look at the configuration');
  addManual(
    config
      .command('check')
      .description('check innervisor.yaml, the clouds that it names and the files that it points to')
      .addOption(outputOption())
      .action(async ({ output }: { readonly output: OutputForm }) => {
        const file = await invocation.configPath();
        await checkConfig(file);
        const { regions } = await invocation.config();
        printResult(output, { file, ok: true, regions: Object.keys(regions) }, () => `${file}: ok`);
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
      .action(({ output }: { readonly output: OutputForm }) => {
        const schema = describeConfigFile();
        printResult(output, schema, () => JSON.stringify(schema, null, 2));
      }),
    { examples: [['innervisor config schema > innervisor.schema.json', 'for an editor']] },
  );
  addManual(
    config
      .command('example')
      .description('print an innervisor.yaml with every key, to start from')
      .addOption(outputOption().default('yaml'))
      .action(async ({ output }: { readonly output: OutputForm }) => {
        const text = await readExample();
        // Only the file itself has the comments.
        if (output === 'json') printResult(output, parse(text), () => text);
        else process.stdout.write(text);
      }),
    { examples: [['innervisor config example > innervisor.yaml', 'a first one']] },
  );
}
