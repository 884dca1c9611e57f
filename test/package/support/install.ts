import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** How the program ended and what it said. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The package as a user has it: packed, and installed where nothing else is. */
export interface Installed extends AsyncDisposable {
  /** The program that npm linked. */
  readonly program: string;
  /** Where its packages are. */
  readonly modules: string;
  /** A folder for files. */
  readonly folder: string;
  /** Runs it by its name, with nothing of the checkout on the way. */
  run(...args: readonly string[]): Promise<Ended>;
}

/** Packs the checkout and installs the package into an empty prefix, for a user with an empty home. */
export async function installPackage(): Promise<Installed> {
  const folder = await mkdtemp(join(tmpdir(), 'innervisor-package-'));
  const [prefix, home] = [join(folder, 'prefix'), join(folder, 'home')];
  await Promise.all([mkdir(prefix), mkdir(home)]);
  // Only what was downloaded before is shared with the machine, so that it isn't downloaded at each run.
  const { stdout: cache } = await run('npm', ['config', 'get', 'cache'], process.env);
  const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], process.env);
  const [{ filename = '' } = {}] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('['))) as {
    filename?: string;
  }[];
  const own = { ...withoutNpmSettings(process.env), HOME: home, PATH: pathOf(join(prefix, 'bin')) };
  const install = ['install', '--global', '--prefix', prefix, '--prefer-offline', '--no-audit', '--no-fund'];
  await run('npm', [...install, join(folder, filename)], { ...own, npm_config_cache: cache.trim() });
  const program = join(prefix, 'bin', 'innervisor');
  return {
    program,
    modules: join(prefix, 'lib', 'node_modules', 'innervisor', 'node_modules'),
    folder,
    run: (...args) => runToEnd(program, args, { cwd: home, env: own }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** The program, then the Node that runs this, then what the system has: npm among it. */
function pathOf(bin: string): string {
  const others = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((entry) => !entry.includes('node_modules'));
  return [bin, dirname(process.execPath), ...others].join(delimiter);
}

/** `npm run` tells its children of the project that they run in. */
function withoutNpmSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('npm_')));
}

async function run(file: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  return await promisify(execFile)(file, args, { cwd: ROOT, env, maxBuffer: OUTPUT_BYTES_MAX });
}

async function runToEnd(
  file: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Ended> {
  try {
    return { code: 0, ...(await promisify(execFile)(file, args, options)) };
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error)) throw error;
    const { code, stdout, stderr } = error as Error & Ended;
    return { code, stdout, stderr };
  }
}
