import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Gives the folder for fetched tools, which outlives a clone: `$INNERVISOR_CACHE` or one in the home folder. */
export function cacheFolder(): string {
  const { INNERVISOR_CACHE: own, XDG_CACHE_HOME: caches } = process.env;
  return own || join(caches || join(homedir(), '.cache'), 'innervisor');
}

/**
 * Gives the cache's folder of this name, filling it first if it isn't there.
 *
 * `name` must contain the version. `fill` works in a temporary folder, which is renamed only when it is
 * complete: an interrupted fetch leaves nothing that could be taken for a tool. When two processes fill at
 * once, the first to rename wins and the other uses the winner's.
 */
export async function ensureCached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (await exists(folder)) return folder;
  await mkdir(cacheFolder(), { recursive: true });
  const temporary = await mkdtemp(join(cacheFolder(), '.filling-'));
  try {
    await fill(temporary);
    await rename(temporary, folder);
  } catch (error) {
    // A rename onto a folder that isn't empty fails: then another process was faster.
    if (!(await exists(folder))) throw error;
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return folder;
}

/** Tells whether there is a file or a folder at this path. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
