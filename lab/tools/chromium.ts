import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ensureCached } from './cache.ts';
import { CommandError, findOnPath, runCommand } from './command.ts';
import { installDebianPackages, isRoot, unpackDebianPackages } from './debian.ts';
import { ToolMissingError, type Log } from './tool.ts';

const NAME = 'chromium-headless-shell';
/** Without a version: Debian replaces the browser with each security update and keeps no older one. */
const PACKAGES = [NAME, 'fonts-dejavu-core'];

/** Finds a browser of Chromium's family on the `PATH`, or fetches Chromium's headless shell from Debian. */
export async function ensureChromium(log: Log): Promise<string> {
  const present = await findOnPath(NAME, 'chromium', 'google-chrome');
  if (present !== undefined) return present;
  if (isRoot()) {
    log(`installing ${NAME} from Debian`);
    await installDebianPackages(NAME, PACKAGES);
    const installed = await findOnPath(NAME);
    if (installed !== undefined) return installed;
  }
  const missing = await listMissingPackages();
  const version = missing.get(NAME);
  if (version === undefined)
    throw new ToolMissingError(
      NAME,
      'apt says it is installed, but it is not on the PATH',
      'correct the PATH',
    );
  const folder = await ensureCached(`${NAME}-${version}`, async (temporary) => {
    log(`unpacking ${NAME} ${version} and what it needs from Debian`);
    await unpackDebianPackages(NAME, [...missing.keys()], temporary);
    await writeFile(join(temporary, NAME), WRAPPER, { mode: 0o755 });
  });
  return join(folder, NAME);
}

/** The version of each package that this machine would have to install, by name; asked as any user. */
async function listMissingPackages(): Promise<ReadonlyMap<string, string>> {
  try {
    const simulated = await runCommand('apt-get', ['-s', '--no-install-recommends', 'install', ...PACKAGES]);
    const lines = simulated.matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+)/gm);
    return new Map([...lines].map(([, name = '', version = '']) => [name, version]));
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const whatToDo = `install it yourself (Debian: apt-get install ${PACKAGES.join(' ')})`;
    throw new ToolMissingError(NAME, error.message, whatToDo, { cause: error });
  }
}

/** Starts the unpacked browser with the libraries and fonts that were unpacked beside it. */
const WRAPPER = `#!/bin/sh
root=$(cd "$(dirname "$0")" && pwd)
for folder in "$root"/lib/*-linux-gnu "$root"/usr/lib/*-linux-gnu "$root"/usr/lib/*-linux-gnu/pulseaudio; do
  if [ -d "$folder" ]; then LD_LIBRARY_PATH="$folder\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"; fi
done
export LD_LIBRARY_PATH XDG_DATA_HOME="$root/usr/share"
if [ ! -e /etc/fonts/fonts.conf ]; then export FONTCONFIG_PATH="$root/etc/fonts"; fi
exec "$root/usr/lib/chromium/${NAME}" "$@"
`;
