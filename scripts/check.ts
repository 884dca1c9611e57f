import { runInherited } from './command.ts';

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

const CHECKS: readonly Check[] = [
  { name: 'format', command: ['prettier', '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: ['eslint', '--max-warnings', '0', '.'] },
  { name: 'types', command: ['tsc', '--noEmit'] },
  { name: 'types of scripts', command: ['tsc', '--noEmit', '--project', 'scripts'] },
  { name: 'dependencies', command: ['node', 'scripts/depcruise.ts'] },
  { name: 'unit tests', command: ['vitest', 'run', '--project', 'unit'] },
];

/** Runs all checks, also after one has failed, and reports each. */
async function main(): Promise<number> {
  const results: { readonly name: string; readonly code: number }[] = [];
  for (const { name, command } of CHECKS) {
    console.log(`\n== ${name}`);
    const [program, ...args] = command;
    results.push({ name, code: await runInherited(program, args) });
  }
  console.log('');
  for (const { name, code } of results) console.log(`${code === 0 ? 'ok    ' : 'failed'}  ${name}`);
  return results.every(({ code }) => code === 0) ? 0 : 1;
}

process.exitCode = await main();
