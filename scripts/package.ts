import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { rolldown, type RolldownOutput } from 'rolldown';

const ROOT = join(import.meta.dirname, '..');
const DIST = join(ROOT, 'dist');
/** As deep as the sources that look for the example and for the guest's files relative to themselves. */
const PROGRAM_FOLDER = join(DIST, 'bin');
const WORKFLOWS_BYTES_MAX = 64 * 1024 * 1024;
const SOURCE_MAP = /^(\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,)(\S+)\s*$/m;

/** Makes what `npm pack` puts into the package: the program, the code of the workflows and the licences of what is inside. */
async function buildPackage(): Promise<void> {
  await rm(DIST, { recursive: true, force: true });
  await mkdir(PROGRAM_FOLDER, { recursive: true });
  const program = await bundleProgram();
  await writeFile(join(PROGRAM_FOLDER, 'workflows.js'), await bundleWorkflows());
  await writeFile(join(PROGRAM_FOLDER, 'workflows-traced.js'), await bundleWorkflows('--traces'));
  await writeFile(join(DIST, 'THIRD-PARTY-LICENSES.txt'), await collectLicences(program));
}

/** One file for each part that is loaded by itself, so that a command loads no more than it needs. */
async function bundleProgram(): Promise<RolldownOutput> {
  const bundle = await rolldown({
    cwd: ROOT,
    input: { innervisor: 'src/cli/main.ts' },
    platform: 'node',
    // Temporal's SDK is native. So is what ssh2 tries to load to be faster, and does without.
    external: [/^@(temporalio|opentelemetry)\//, 'cpu-features', /\.node$/],
    // Names that CommonJS has, such as the one that ssh2's WebAssembly was made as, and modules have not.
    transform: { define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' } },
  });
  try {
    return await bundle.write({
      dir: PROGRAM_FOLDER,
      format: 'esm',
      chunkFileNames: '[name]-[hash].js',
    });
  } finally {
    await bundle.close();
  }
}

/** The workflows as a worker of a checkout makes them, without the name of the folder in which they were made. */
async function bundleWorkflows(...args: readonly string[]): Promise<string> {
  const program = join(ROOT, 'worker', 'bundle.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
    maxBuffer: WORKFLOWS_BYTES_MAX,
  });
  const [, head = '', encoded = ''] = SOURCE_MAP.exec(stdout) ?? [];
  if (encoded === '') throw new Error('the code of the workflows has no source map at its end');
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString()) as {
    readonly sources: readonly string[];
  };
  const sources = map.sources.map((source) => (source.startsWith(ROOT) ? relative(ROOT, source) : source));
  const portable = Buffer.from(JSON.stringify({ ...map, sources })).toString('base64');
  return stdout.replace(SOURCE_MAP, () => `${head}${portable}`);
}

/** The licence of each package that went into the program, which most of them ask for. */
async function collectLicences({ output }: RolldownOutput): Promise<string> {
  const files = output.flatMap((part) => (part.type === 'chunk' ? part.moduleIds : []));
  const folders = new Set(
    files.flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []),
  );
  const texts = await Promise.all([...folders].toSorted().map(describeLicence));
  return `Innervisor's program has these packages inside.\n\n${texts.join('\n')}`;
}

async function describeLicence(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(
    await readFile(join(folder, 'package.json'), 'utf8'),
  ) as Record<'name' | 'version' | 'license', string>;
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? '' : `\n${(await readFile(join(folder, file), 'utf8')).trim()}\n`;
  return `== ${name} ${version}, ${license}\n${text}`;
}

await buildPackage();
