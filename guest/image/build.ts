import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { cacheFolder, ensureCached } from '../../lab/tools/cache.ts';
import type { Log } from '../../lab/tools/tool.ts';
import { ensureBuildTools } from './buildTools.ts';
import { buildDisk } from './disk.ts';
import { listInstalledPackages, renderLock } from './packages.ts';
import { computeRecipeHash, LOCK_FILE } from './recipe.ts';
import { computeSbom } from './sbom.ts';
import { buildTree } from './tree.ts';

export const NAME = 'innervisor-probe';

/** The files of one build, in a folder of the cache. */
export const FILES = {
  image: `${NAME}.qcow2`,
  sbom: `${NAME}.spdx.json`,
  packages: `${NAME}.packages`,
  checksum: `${NAME}.sha256`,
} as const;

/** Gives the folder with the image of this recipe; builds it where the cache has none. */
export async function ensureGuestImage(log: Log): Promise<string> {
  return ensureCached(await cacheName(), (folder) => build(folder, log));
}

/** Builds from what Debian has now, whatever the cache has, and writes the lock. Gives the folder. */
export async function updateGuestImage(log: Log): Promise<string> {
  await mkdir(cacheFolder(), { recursive: true });
  const work = await mkdtemp(join(cacheFolder(), '.filling-'));
  try {
    await build(work, log);
    await writeFile(LOCK_FILE, await readFile(join(work, FILES.packages)));
    // The lock is part of the recipe, so that the name is known only now.
    const folder = join(cacheFolder(), await cacheName());
    await rm(folder, { recursive: true, force: true });
    await rename(work, folder);
    return folder;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Gives the SHA-256 of a file in hex. */
export async function sha256OfFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

async function cacheName(): Promise<string> {
  return `guest-image-${await computeRecipeHash()}`;
}

async function build(folder: string, log: Log): Promise<void> {
  await ensureBuildTools(log);
  const work = join(folder, 'work');
  await mkdir(work);
  log('installing Debian 12 into a folder (about two minutes)');
  const tree = await buildTree(work);
  const packages = await listInstalledPackages(tree);
  log(`making a disk of it: ${packages.length} packages`);
  await rename(await buildDisk(work, tree), join(folder, FILES.image));
  const sha256 = await sha256OfFile(join(folder, FILES.image));
  const sbom = computeSbom({ name: NAME, sha256, created: new Date(), packages });
  await writeFile(join(folder, FILES.sbom), `${JSON.stringify(sbom, null, 2)}\n`);
  await writeFile(join(folder, FILES.packages), renderLock(packages));
  await writeFile(join(folder, FILES.checksum), `${sha256}  ${FILES.image}\n`);
  await rm(work, { recursive: true });
}
