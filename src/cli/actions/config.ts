import { parse } from 'yaml';
import { checkConfig } from '../../config/check.ts';
import { readExample } from '../../config/example.ts';
import { describeConfigFile } from '../../config/jsonSchema.ts';
import type { Invocation } from '../invocation.ts';
import type { OutputForm } from '../options.ts';
import { printResult } from '../terminal/output.ts';

/** @throws ConfigError with everything that is wrong with the configuration and what it points to. */
export async function check(invocation: Invocation, output: OutputForm): Promise<void> {
  const file = await invocation.configPath();
  await checkConfig(file);
  const { regions } = await invocation.config();
  printResult(output, { file, ok: true, regions: Object.keys(regions) }, () => `${file}: ok`);
}

/** Prints the JSON Schema of the configuration. */
export function printSchema(output: OutputForm): void {
  const schema = describeConfigFile();
  printResult(output, schema, () => JSON.stringify(schema, null, 2));
}

/** Prints a configuration to start from. */
export async function printExample(output: OutputForm): Promise<void> {
  const text = await readExample();
  // Only the file itself has the comments.
  if (output === 'json') printResult(output, parse(text), () => text);
  else process.stdout.write(text);
}
