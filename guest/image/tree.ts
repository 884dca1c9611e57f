import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runCommand } from '../../lab/tools/command.ts';
import { listRecipePackages, RECIPE } from './recipe.ts';
import { listMachineAptOptions, listMachineSources } from './sources.ts';

const RELEASE = 'bookworm';
const ARCHITECTURE = 'amd64';
/** Read by nobody in a probe. The licences (copyright) stay. */
const LEFT_OUT = [
  '/usr/share/man/*',
  '/usr/share/info/*',
  '/usr/share/doc/*',
  '/usr/share/locale/*',
  '/usr/share/i18n/*',
];
const KEPT = ['/usr/share/doc/*/copyright'];
/** grep ends with 1 where it finds nothing. */
const FILES_WITH = 'grep -rlF -- "$1" "$2/etc" "$2/var" || [ $? -eq 1 ]';

/**
 * Installs a Debian with the recipe's packages and files into `work/tree` and gives that path.
 *
 * It is fetched from where this machine's own apt fetches, and shows nothing of it: the machine's sources and
 * proxies stay outside.
 */
export async function buildTree(work: string): Promise<string> {
  const tree = join(work, 'tree');
  const [sources, aptOptions] = await Promise.all([listMachineSources(), listMachineAptOptions()]);
  const sourcesFile = join(work, 'sources.list');
  await writeFile(sourcesFile, sources.map((line) => `${line}\n`).join(''));
  await runCommand('mmdebstrap', [
    '--mode=root',
    '--variant=apt',
    `--architectures=${ARCHITECTURE}`,
    `--include=${(await listRecipePackages()).join(',')}`,
    ...aptOptions.map((option) => `--aptopt=${option}`),
    ...LEFT_OUT.map((path) => `--dpkgopt=path-exclude=${path}`),
    ...KEPT.map((path) => `--dpkgopt=path-include=${path}`),
    `--customize-hook=${join(RECIPE, 'customize.sh')}`,
    RELEASE,
    tree,
    ...(sources.length > 0 ? [sourcesFile] : []),
  ]);
  await checkNothingOfMachine(tree, [...sources, ...aptOptions]);
  return tree;
}

/** A mirror's address may hold a password, and is nobody's business in any case. */
async function checkNothingOfMachine(tree: string, said: readonly string[]): Promise<void> {
  const list = await readFile(join(tree, 'etc/apt/sources.list'), 'utf8');
  const foreign = said
    .flatMap((line) => line.match(/https?:\/\/[^\s"]+/g) ?? [])
    .filter((address) => !list.includes(address.replace(/\/$/, '')));
  for (const address of foreign) {
    const found = await runCommand('sh', ['-c', FILES_WITH, 'files-with', address, tree]);
    if (found !== '')
      throw new Error(
        `an address of this machine's apt would be in the image, in ${found.trim()}; change customize.sh`,
      );
  }
}
