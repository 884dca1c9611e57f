/** Builds the image of the probes: `npm run guest:image`. */
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';

import { CommandError, ToolMissingError } from '../tools/index.ts';
import { ensureProbeImage, RECIPE, type ProbeImage } from './image.ts';
import { comparePackages, parsePackages } from './packages.ts';

const HELP = `Usage: npm run guest:image [-- options]

Builds the image of the probes, a bootable disk for Nova (qcow2), from Debian 12; needs root, or the programs
that it names. An image that has been built from the same recipe is used again.

Options:
  --to DIR         copy the image and its bill of materials (CycloneDX) there
  --fresh          build anew, with the packages that Debian has now
  --locked         fail if packages differ from guest/image/packages.lock; without it they are only told
  --update-lock    write guest/image/packages.lock
  --output FORMAT  text (default) or json
  --help

Examples:
  npm run guest:image -- --to /tmp/image
  npm run -s guest:image -- --output json | jq -r .path

Exit codes: 0 done, 1 failed, 2 wrong usage`;

const LOCK = join(RECIPE, 'packages.lock');

const log = (line: string): void => {
  console.error(line);
};

async function main(): Promise<number> {
  const options = parseOptions();
  if (typeof options === 'string') {
    log(`guest:image: ${options}; see npm run guest:image -- --help`);
    return 2;
  }
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const image = await ensureProbeImage(log, options.fresh ? new Date().toISOString() : '');
  if (options['update-lock']) await writeFile(LOCK, renderLock(image));
  const differences = comparePackages(parsePackages(await readFile(LOCK, 'utf8')), image.packages);
  if (differences.length > 0) {
    log(`packages differ from ${LOCK}; after a look, record them with --update-lock:`);
    for (const line of differences) log(`  ${line}`);
    if (options.locked) return 1;
  }
  const { path, sbomPath } = options.to === undefined ? image : await copyTo(options.to, image);
  const { bytes, sha256, packages } = image;
  console.log(
    options.output === 'json'
      ? JSON.stringify({ path, bytes, sha256, sbom: sbomPath, packages: packages.length })
      : `${path}\n  ${(bytes / 1e6).toFixed(0)} MB, sha256 ${sha256}, ${packages.length} packages in ${sbomPath}`,
  );
  return 0;
}

async function copyTo(folder: string, image: ProbeImage): Promise<Pick<ProbeImage, 'path' | 'sbomPath'>> {
  await mkdir(folder, { recursive: true });
  const [path, sbomPath] = [image.path, image.sbomPath].map((file) => join(folder, basename(file))) as [
    string,
    string,
  ];
  await copyFile(image.path, path);
  await copyFile(image.sbomPath, sbomPath);
  return { path, sbomPath };
}

function renderLock({ packages }: ProbeImage): string {
  const lines = packages.map(({ name, version, architecture }) => `${name} ${version} ${architecture}`);
  return `# What was in the image when it was last tested. Written by npm run guest:image -- --update-lock\n${lines.join('\n')}\n`;
}

function parseOptions() {
  try {
    const { values } = parseArgs({
      options: {
        to: { type: 'string' },
        fresh: { type: 'boolean', default: false },
        locked: { type: 'boolean', default: false },
        'update-lock': { type: 'boolean', default: false },
        output: { type: 'string', default: 'text' },
        help: { type: 'boolean', default: false },
      },
    });
    return ['text', 'json'].includes(values.output)
      ? values
      : `--output is text or json, not ${values.output}`;
  } catch (error) {
    if (error instanceof TypeError) return error.message;
    throw error;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof CommandError || error instanceof ToolMissingError)) throw error;
  log(`guest:image: ${error.message}`);
  process.exitCode = 1;
}
