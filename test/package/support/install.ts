import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, sep } from 'node:path';
import { command, type CommandResult } from '../../../lab/stack/command.ts';
import { runCommand } from '../../../lab/tools/command.ts';
import { copyCheckout } from '../../support/copyCheckout.ts';
import { readDocPage } from '../../support/docPage.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** The package as a user has it: packed, and installed where nothing else is. */
export interface Installed extends AsyncDisposable {
  /** The program that npm linked. */
  readonly program: string;
  /** Where its packages are. */
  readonly modules: string;
  /** A folder for files. */
  readonly folder: string;
  /** The user's empty home. */
  readonly home: string;
  /** What the user's shell has: the program and Node on the `PATH`, and nothing of the checkout. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs it by its name. */
  run(...args: readonly string[]): Promise<CommandResult>;
}

/** Packs and installs the package by the README's own line, into an empty prefix, for a user with an empty home. */
export async function installPackage(): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), 'innervisor-package-'));
  const [prefix, home, bin] = [join(folder, 'prefix'), join(folder, 'home'), join(folder, 'bin')];
  const checkout = join(folder, 'checkout');
  await Promise.all([mkdir(prefix), mkdir(home), mkdir(bin), copyCheckout(checkout)]);
  await symlink(process.execPath, join(bin, 'node'));
  // Only what was downloaded before is shared with the machine, so that it isn't downloaded at each run.
  const cache = (await runCommand('npm', ['config', 'get', 'cache'])).trim();
  const env = { ...withoutOurs(process.env), HOME: home, PATH: pathOf(join(prefix, 'bin'), bin) };

  // A registry that is silent is asked again after a minute, not five, and told before the time of the tests is over.
  const patience = { npm_config_fetch_timeout: '60000', npm_config_fetch_retries: '3' };
  const place = { npm_config_prefix: prefix, npm_config_cache: cache, npm_config_prefer_offline: 'true' };
  const line = (await readDocPage('../README.md')).commands.find((block) => block.startsWith('npm pack'));
  const shell = { cwd: checkout, env: { ...env, ...place, ...patience } };
  const { code, stdout, stderr } = await command('sh', ['-euc', line ?? 'false'], shell);
  if (code !== 0) throw new Error(`the package was not installed by ${line}: ${stdout}\n${stderr}`);
  await rm(checkout, { recursive: true });

  return {
    program: join(prefix, 'bin', 'innervisor'),
    modules: join(prefix, 'lib', 'node_modules', 'innervisor', 'node_modules'),
    folder,
    home,
    env,
    run: (...args) => command('innervisor', args, { cwd: home, env }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** These, then what the system has: npm among it. */
function pathOf(...first: readonly string[]): string {
  const others = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((entry) => !entry.startsWith(`${ROOT}${sep}`) && !entry.includes('node_modules'));
  return [...first, ...others].join(delimiter);
}

/** `npm run` and vitest tell their children of the project that they run in. */
function withoutOurs(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && !/^(npm_|VITEST|NODE_|INIT_CWD$)/.test(entry[0]),
    ),
  );
}
