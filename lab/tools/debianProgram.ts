import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ensureCached } from './cache.ts';
import { findOnPath } from './command.ts';
import { installDebianPackages, isRoot, unpackDebianPackages } from './debian.ts';
import type { Log } from './tool.ts';

/** A program that Debian has, and what its package needs besides what every Debian has. */
export interface DebianProgram {
  readonly name: string;
  readonly version: string;
  readonly libraries?: readonly string[];
  /** Its package and version as apt takes them, where it isn't the package's name or the version has an epoch. */
  readonly package?: string;
  /** Whether it is only unpacked, also by root: an install would do much that nobody needs, such as index manual pages. */
  readonly unpacked?: true;
}

/** Finds a program on the `PATH`, or fetches it from Debian. */
export async function ensureDebianProgram(
  { name, version, libraries = [], package: own = `${name}=${version}*`, unpacked }: DebianProgram,
  log: Log,
): Promise<string> {
  const present = await findOnPath(name);
  if (present !== undefined) return present;
  const packages = [own, ...libraries];
  if (isRoot() && unpacked === undefined) {
    log(`installing ${name} ${version} from Debian`);
    await installDebianPackages(name, packages);
    const installed = await findOnPath(name);
    if (installed !== undefined) return installed;
  }
  const folder = await ensureCached(`${name}-${version}`, async (temporary) => {
    log(`unpacking ${name} ${version} from Debian`);
    await unpackDebianPackages(name, packages, temporary);
    await writeFile(join(temporary, name), wrapperOf(name), { mode: 0o755 });
  });
  return join(folder, name);
}

/** Starts an unpacked program with the libraries that were unpacked beside it. */
function wrapperOf(name: string): string {
  return `#!/bin/sh
root=$(cd "$(dirname "$0")" && pwd)
for folder in "$root"/usr/lib/*-linux-gnu; do
  if [ -d "$folder" ]; then export LD_LIBRARY_PATH="$folder"; fi
done
for program in "$root/usr/bin/${name}" "$root/usr/sbin/${name}" "$root/bin/${name}"; do
  if [ -x "$program" ]; then exec "$program" "$@"; fi
done
echo "${name}: not in its package" >&2
exit 127
`;
}
