import { ensureTools, ToolMissingError } from '../lab/tools/index.ts';
import { runInherited } from './command.ts';

/** Prepares the real servers and runs every test that needs no real OpenStack; arguments go on to vitest. */
async function main(): Promise<number> {
  try {
    await ensureTools(undefined, (line) => console.error(line));
  } catch (error) {
    if (!(error instanceof ToolMissingError || error instanceof AggregateError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
  const projects = ['--project', 'unit', '--project', 'integration'];
  return runInherited('vitest', ['run', ...projects, ...process.argv.slice(2)]);
}

process.exitCode = await main();
