import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** The folder of the recipe: everything in it decides what is built, this file too. */
export const RECIPE = import.meta.dirname;
export const LOCK_FILE = join(RECIPE, 'packages.lock');

const HASH_LENGTH = 16;

/** Names the recipe by what its files say. */
export async function computeRecipeHash(folder = RECIPE): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hash = createHash('sha256');
  for (const file of files.toSorted()) {
    const content = createHash('sha256').update(await readFile(file));
    hash.update(`${relative(folder, file)}\0${content.digest('hex')}\n`);
  }
  return hash.digest('hex').slice(0, HASH_LENGTH);
}

/** Lists what the recipe installs besides what Debian installs always. */
export async function listRecipePackages(): Promise<readonly string[]> {
  const text = await readFile(join(RECIPE, 'packages.txt'), 'utf8');
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}
