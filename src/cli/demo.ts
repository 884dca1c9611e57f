import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { CliError } from './errors.ts';

/** A checkout has the lab; a package has not, since the lab fetches and builds servers and has nothing to do with a real region. */
const PROGRAM = fileURLToPath(new URL('../../lab/demo/main.ts', import.meta.url));

/**
 * Runs the demo with these arguments, and gives its exit code.
 * @throws CliError where it isn't there.
 */
export async function runDemo(args: readonly string[]): Promise<number> {
  if (!existsSync(PROGRAM))
    throw new CliError('the demo comes with the sources, not with the package', {
      hint: 'clone the repository of Innervisor, and there: npm run demo',
    });
  const demo = spawn(process.execPath, [PROGRAM, ...args], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the demo as well, which counts the first one.
  const forward = (signal: NodeJS.Signals): void => void demo.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, forward);
  const [code, signal] = (await once(demo, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
