/** Builds the image of the probes: `npm run guest:image`. */
import { copyFile, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { ensureGuestImage, FILES, updateGuestImage } from './build.ts';
import { DISK_GIBIBYTES } from './layout.ts';
import { HELP, parseOptions, UsageError, type ImageOptions } from './options.ts';
import { computePackageChanges, type PackageChange } from './packages.ts';
import { LOCK_FILE } from './recipe.ts';

/** What is printed as JSON. */
interface BuildReport {
  readonly image: string;
  readonly sbom: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly minDiskGibibytes: number;
  readonly packages: number;
  readonly changes: readonly PackageChange[];
}

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options.help) {
      console.log(HELP);
      return 0;
    }
    return await run(options);
  } catch (error) {
    console.error(`guest:image: ${error instanceof Error ? error.message : String(error)}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function run({ to, output, locked, update }: ImageOptions): Promise<number> {
  const log = (line: string) => console.error(`guest:image: ${line}`);
  const built = await (update ? updateGuestImage(log) : ensureGuestImage(log));
  const report = await reportOn(built, to);
  if (locked && report.changes.length > 0) {
    console.error(report.changes.map(renderChange).join('\n'));
    throw new Error(
      `${report.changes.length} packages aren't those of guest/image/packages.lock, because Debian has moved on; ` +
        'build with --update and commit the lock, or build without --locked',
    );
  }
  if (to !== undefined) await copyTo(built, to);
  console.log(output === 'json' ? JSON.stringify(report, null, 2) : renderReport(report));
  return 0;
}

async function reportOn(built: string, to = built): Promise<BuildReport> {
  const [lock, packages, checksum, image] = await Promise.all([
    readFile(LOCK_FILE, 'utf8'),
    readFile(join(built, FILES.packages), 'utf8'),
    readFile(join(built, FILES.checksum), 'utf8'),
    stat(join(built, FILES.image)),
  ]);
  return {
    image: join(to, FILES.image),
    sbom: join(to, FILES.sbom),
    sha256: checksum.split(' ', 1)[0] ?? '',
    sizeBytes: image.size,
    minDiskGibibytes: DISK_GIBIBYTES,
    packages: packages.split('\n').length - 1,
    changes: computePackageChanges(lock, packages),
  };
}

async function copyTo(built: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const file of Object.values(FILES)) await copyFile(join(built, file), join(to, file));
}

function renderReport(report: BuildReport): string {
  const { image, sbom, sha256, sizeBytes, minDiskGibibytes, packages, changes } = report;
  return [
    `image     ${image}`,
    `          ${(sizeBytes / 1e6).toFixed(0)} MB, wants a disk of ${minDiskGibibytes} GB`,
    `sha256    ${sha256}`,
    `SBOM      ${sbom} (SPDX 2.3)`,
    `packages  ${packages}, ${changes.length === 0 ? 'as locked' : `${changes.length} not as locked:`}`,
    ...changes.map(renderChange),
    ...(changes.length === 0
      ? []
      : ['Debian has moved on; npm run guest:image -- --update writes the lock anew.']),
  ].join('\n');
}

function renderChange({ name, locked, built }: PackageChange): string {
  return `  ${name} ${locked ?? '(not there)'} → ${built ?? '(not there)'}`;
}
