import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ensureCached } from '../tools/cache.ts';
import { runCommand } from '../tools/command.ts';
import { ensurePrograms, type Log } from '../tools/index.ts';
import { parsePackages, renderSbom, type Package } from './packages.ts';

/** Where the recipe of the image lies. */
export const RECIPE = join(import.meta.dirname, '../../guest/image');

const SUITE = 'bookworm';
const PROGRAMS = {
  mmdebstrap: ['mmdebstrap'],
  mke2fs: ['e2fsprogs'],
  sfdisk: ['fdisk'],
  'grub-mkimage': ['grub-common', 'grub-pc-bin'],
  'qemu-img': ['qemu-utils'],
};
/** Texts that nobody reads in a probe; the licences stay. */
const LEFT_OUT = [
  'path-exclude=/usr/share/man/*',
  'path-exclude=/usr/share/locale/*',
  'path-include=/usr/share/locale/locale.alias',
  'path-exclude=/usr/share/doc/*',
  'path-include=/usr/share/doc/*/copyright',
];

/** A probe's image that has been built. */
export interface ProbeImage {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly packages: readonly Package[];
  /** Its bill of materials, as CycloneDX. */
  readonly sbomPath: string;
}

/**
 * Gives the image of the recipe as it stands, and builds it if the cache hasn't got it.
 * @param from An image is built at most once for each value; another one, such as a date, builds anew.
 * @throws ToolMissingError or CommandError that says what is missing or failed.
 */
export async function ensureProbeImage(log: Log, from = ''): Promise<ProbeImage> {
  const folder = await ensureCached(`probe-image-${await hashRecipe(from)}`, (temporary) =>
    build(temporary, log),
  );
  const path = join(folder, 'innervisor-probe.qcow2');
  return {
    path,
    sha256: await hashFile(path),
    bytes: (await stat(path)).size,
    packages: parsePackages(await readFile(join(folder, 'packages'), 'utf8')),
    sbomPath: join(folder, 'innervisor-probe.cdx.json'),
  };
}

async function build(folder: string, log: Log): Promise<void> {
  await ensurePrograms(PROGRAMS, log);
  const wanted = (await readFile(join(RECIPE, 'packages.txt'), 'utf8'))
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  log(`building the image of the probes from Debian ${SUITE} (two minutes)`);
  await runCommand('mmdebstrap', [
    '--variant=minbase',
    `--include=${wanted.join(',')}`,
    '--aptopt=Apt::Install-Recommends "false"',
    ...LEFT_OUT.map((option) => `--dpkgopt=${option}`),
    `--customize-hook=${quote(join(RECIPE, 'disk.bash'))} "$1" ${quote(RECIPE)} ${quote(folder)}`,
    '--format=null',
    SUITE,
    '/dev/null',
  ]);
  log('packing it');
  const packed = join(folder, 'packed');
  await runCommand('qemu-img', ['convert', '-c', '-O', 'qcow2', join(folder, 'disk'), packed]);
  await rm(join(folder, 'disk'));
  const packages = parsePackages(await readFile(join(folder, 'packages'), 'utf8'));
  const sbom = renderSbom({ sha256: await hashFile(packed) }, packages);
  await writeFile(join(folder, 'innervisor-probe.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`);
  await rename(packed, join(folder, 'innervisor-probe.qcow2'));
}

async function hashRecipe(from: string): Promise<string> {
  const hash = createHash('sha256').update(from);
  const files = (await readdir(RECIPE, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name !== 'packages.lock')
    .map(({ parentPath, name }) => join(parentPath, name))
    .toSorted();
  for (const file of [...files, import.meta.filename]) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 12);
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
