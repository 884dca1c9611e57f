import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheFolder } from './cache.ts';
import { CommandError, findOnPath, runCommand } from './command.ts';
import { ToolMissingError } from './tool.ts';

/**
 * Installs packages without letting them start a service: `policy-rc.d` forbids it, is put there only where
 * none is, and is removed again. Package lists are fetched only when an install fails without them.
 * See https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt
 */
const INSTALL = `
set -eu
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > "$policy"
  chmod 755 "$policy"
fi
install() { apt-get -qq -y -o DPkg::Lock::Timeout=300 --no-install-recommends install "$@" </dev/null; }
install "$@" || { apt-get -qq update; install "$@"; }
`;

/** Tells whether this process may install packages. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/**
 * Installs Debian packages for the whole machine, as root. A package may be pinned: `prometheus=2.42*`.
 *
 * @throws ToolMissingError when apt can't.
 */
export async function installDebianPackages(tool: string, packages: readonly string[]): Promise<void> {
  await mkdir(cacheFolder(), { recursive: true });
  const lock = join(cacheFolder(), '.apt.lock');
  await apt(tool, packages, () =>
    // The lock keeps one process from removing the policy while another still installs under it.
    runCommand('flock', [lock, 'sh', '-c', INSTALL, 'install', ...packages], {
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    }),
  );
}

/** Downloads packages; lists of packages, which only root may fetch, are fetched where it fails without them. */
const DOWNLOAD = `
set -eu
download() { apt-get -qq download "$@"; }
download "$@" || { apt-get -qq update; download "$@"; }
`;

/**
 * Fetches Debian packages and unpacks them into a folder, as any user. Their scripts aren't run.
 *
 * @throws ToolMissingError when apt can't.
 */
export async function unpackDebianPackages(
  tool: string,
  packages: readonly string[],
  folder: string,
): Promise<void> {
  await apt(tool, packages, async () => {
    await runCommand('sh', ['-c', DOWNLOAD, 'download', ...packages], { cwd: folder });
    const archives = (await readdir(folder)).filter((file) => file.endsWith('.deb'));
    for (const archive of archives) {
      await runCommand('dpkg', ['-x', join(folder, archive), folder]);
      await rm(join(folder, archive));
    }
  });
}

async function apt(tool: string, packages: readonly string[], work: () => Promise<unknown>): Promise<void> {
  const whatToDo = `install ${packages.join(' ')} yourself or put ${tool} on the PATH`;
  if ((await findOnPath('apt-get')) === undefined) {
    throw new ToolMissingError(tool, 'it is not on the PATH and there is no apt-get', whatToDo);
  }
  try {
    await work();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new ToolMissingError(tool, error.message, whatToDo, { cause: error });
  }
}
