import { execFile } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../compose.ts';
import { readStage } from '../dockerfile.ts';
import { makeContainer, type Mount } from './container.ts';
import type { Network } from './network.ts';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** What the two images of the `Dockerfile` hold. */
export interface Built {
  /** Folder of the stage `build`, without its packages. */
  readonly build: string;
  /** Folder of the stage `innervisor`. */
  readonly innervisor: string;
}

/** The packages of the stage `build`, which are those of this checkout. */
export const DEVELOPMENT_MODULES: Mount = {
  source: join(ROOT, 'node_modules'),
  target: '/build/node_modules',
  readOnly: true,
};

/** Node as the images have it. */
export const NODE: Mount = { source: process.execPath, target: '/usr/local/bin/node', readOnly: true };

/** Builds by the lines of the `Dockerfile`, with what `.dockerignore` lets in; `build` is the name of a place in the network. */
export async function buildImages(folder: string, network: Network): Promise<Built> {
  const [build, modules] = [join(folder, 'build'), join(folder, 'modules')];
  await Promise.all([buildProgram(build, folder, network), installModules(modules)]);
  const innervisor = join(folder, 'innervisor');
  await copyAll('innervisor', innervisor, { context: build, build, modules });
  return { build, innervisor };
}

async function buildProgram(build: string, folder: string, network: Network): Promise<void> {
  const ignored = await readFile(join(ROOT, '.dockerignore'), 'utf8');
  for (const [, path = ''] of ignored.matchAll(/^!(\S+)$/gm))
    await cp(join(ROOT, path), join(build, path), { recursive: true });
  const stage = await readStage('build');
  const [command = ''] = stage.all('RUN').filter((line) => !line.startsWith('npm ci'));
  await using container = await makeContainer(network, {
    name: 'build',
    folder: join(folder, 'building'),
    mounts: [{ source: build, target: '/build', readOnly: false }, DEVELOPMENT_MODULES, NODE],
    environment: {},
    user: '0:0',
    capabilities: [],
    noNewPrivileges: false,
    readOnly: false,
    workdir: '/build',
    setup: '',
  });
  const { code, stderr } = await container.exec('sh', '-c', command);
  if (code !== 0) throw new Error(`${command}: ${stderr}`);
}

/** The stage `modules`. What was downloaded before is not downloaded again. */
async function installModules(folder: string): Promise<void> {
  const stage = await readStage('modules');
  await copyAll('modules', folder, { context: ROOT });
  const [command = ''] = stage.all('RUN');
  await run('sh', ['-euc', command.replace('/pruneModules.sh', join(folder, 'pruneModules.sh'))], {
    cwd: folder,
    env: { ...process.env, npm_config_prefer_offline: 'true' },
    maxBuffer: OUTPUT_BYTES_MAX,
  });
}

/** Copies what a stage copies; a root in another stage is that stage's working directory. */
async function copyAll(name: string, folder: string, from: Readonly<Record<string, string>>): Promise<void> {
  const stage = await readStage(name);
  for (const line of stage.all('COPY')) {
    const [, other = 'context', rest = ''] = /^(?:--from=(\w+) )?(.*)$/.exec(line) ?? [];
    const paths = rest.split(' ');
    const target = join(folder, paths.at(-1)?.replace(/^\//, '') ?? '');
    for (const path of paths.slice(0, -1)) {
      const source = join(from[other] ?? '', path.replace(`/${other}/`, ''));
      const place = /\/$/.test(rest) ? join(target, path.split('/').at(-1) ?? '') : target;
      await mkdir(dirname(place), { recursive: true });
      await run('cp', ['-a', source, place]);
    }
  }
}
