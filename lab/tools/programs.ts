import { findOnPath } from './command.ts';
import { installDebianPackages, isRoot } from './debian.ts';
import { ToolMissingError, type Log } from './tool.ts';

/** Programs, and the Debian packages that bring each. */
export type Programs = Readonly<Record<string, readonly string[]>>;

/**
 * Makes sure that programs are on the `PATH`: as root it installs their packages.
 * @throws ToolMissingError that names the packages, for anybody else.
 */
export async function ensurePrograms(programs: Programs, log: Log): Promise<void> {
  const missing: string[] = [];
  for (const name of Object.keys(programs)) {
    if ((await findOnPath(name)) === undefined) missing.push(name);
  }
  if (missing.length === 0) return;
  const packages = [...new Set(missing.flatMap((name) => programs[name] ?? []))];
  if (!isRoot()) {
    throw new ToolMissingError(
      missing.join(', '),
      'not on the PATH, and only root can install',
      `run as root: apt-get install --no-install-recommends ${packages.join(' ')}`,
    );
  }
  log(`installing ${packages.join(' ')} from Debian`);
  await installDebianPackages(missing.join(', '), packages);
}
