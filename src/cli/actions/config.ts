import { parse } from 'yaml';
import { checkConfig } from '../../config/check.ts';
import { readExample } from '../../config/example.ts';
import { describeConfigFile } from '../../config/jsonSchema.ts';
import { forTaskQueue } from '../../config/taskQueue.ts';
import type { Invocation } from '../invocation.ts';
import type { OutputForm } from '../options.ts';
import { printResult } from '../terminal/output.ts';

/** Options of `innervisor config check`. */
export interface CheckOptions {
  /** Left out, all of them. */
  readonly taskQueue?: string;
  readonly output: OutputForm;
}

/** @throws ConfigError with everything that is wrong with the configuration and what it points to. */
export async function check(invocation: Invocation, { taskQueue, output }: CheckOptions): Promise<void> {
  const file = await invocation.configPath();
  await checkConfig(file, taskQueue);
  const config = await invocation.config();
  const { regions } = taskQueue === undefined ? config : forTaskQueue(config, taskQueue);
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
