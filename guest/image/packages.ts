import { runCommand } from '../../lab/tools/command.ts';

/** A Debian package in the image. */
export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly source: string;
  readonly sourceVersion: string;
  readonly maintainer: string;
}

/** A package whose version isn't the locked one; `null` where it is missing on that side. */
export interface PackageChange {
  readonly name: string;
  readonly locked: string | null;
  readonly built: string | null;
}

const FIELDS = ['Package', 'Version', 'Architecture', 'source:Package', 'source:Version', 'Maintainer'];

/** Lists what is installed in a tree, sorted by name. */
export async function listInstalledPackages(tree: string): Promise<readonly InstalledPackage[]> {
  const format = `${FIELDS.map((field) => `\${${field}}`).join('\\t')}\\n`;
  const answer = await runCommand('dpkg-query', [`--admindir=${tree}/var/lib/dpkg`, '-W', '-f', format]);
  return parseInstalledPackages(answer);
}

/** Reads dpkg-query's answer; a package of two architectures would stand in it twice. */
export function parseInstalledPackages(answer: string): readonly InstalledPackage[] {
  return answer
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const fields = line.split('\t');
      const [name, version, architecture, source, sourceVersion, maintainer] = fields;
      if (!name || !version || !architecture || !source || !sourceVersion || maintainer === undefined)
        throw new Error(`dpkg-query: ${FIELDS.length} fields were asked for, and it wrote: ${line}`);
      return { name, version, architecture, source, sourceVersion, maintainer };
    })
    .toSorted(({ name: left }, { name: right }) => (left < right ? -1 : left > right ? 1 : 0));
}

/** Renders the lock: a line `name=version` for each package. */
export function renderLock(packages: readonly Pick<InstalledPackage, 'name' | 'version'>[]): string {
  return packages.map(({ name, version }) => `${name}=${version}\n`).join('');
}

/** Compares what was built with the lock, sorted by name; nothing is different in an empty list. */
export function computePackageChanges(lock: string, built: string): readonly PackageChange[] {
  const [locked, now] = [parseLock(lock), parseLock(built)];
  return [...new Set([...locked.keys(), ...now.keys()])]
    .toSorted()
    .map((name) => ({ name, locked: locked.get(name) ?? null, built: now.get(name) ?? null }))
    .filter((change) => change.locked !== change.built);
}

function parseLock(lock: string): ReadonlyMap<string, string> {
  const lines = lock.split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => {
      const [, name, version] = /^([^=]+)=(.+)$/.exec(line) ?? [];
      if (name === undefined || version === undefined)
        throw new Error(`guest/image/packages.lock: not name=version: ${line}; write it anew by --update`);
      return [name, version];
    }),
  );
}
