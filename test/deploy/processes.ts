import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launch, type Launched } from '../../lab/servers/launch.ts';
import { answersHttp } from '../../lab/servers/readiness.ts';
import { startOwned, type OwnedProcess } from '../../lab/servers/process.ts';
import { ensureTools } from '../../lab/tools/index.ts';
import { findWatcher, type Watcher } from '../../lab/tools/watchers.ts';
import { interpolate, ROOT, type Compose } from './compose.ts';
import { readStage } from './dockerfile.ts';

/** What stands for a path or an address of the stack on this machine, longest first. */
export type Places = readonly (readonly [inStack: string, here: string])[];

/** A text of the stack with the paths and addresses of this machine. */
export function place(text: string, places: Places): string {
  return places.reduce((placed, [inStack, here]) => placed.replaceAll(inStack, here), text);
}

/** Copies a file that the stack mounts, placed, and gives its path; without `from`, one of `deploy`. */
export async function placeFile(
  folder: string,
  file: string,
  places: Places,
  from = 'deploy',
): Promise<string> {
  const path = join(folder, file.replaceAll('/', '-'));
  await writeFile(path, place(await readFile(join(ROOT, from, file), 'utf8'), places));
  return path;
}

/** Values for the variables that the example leaves empty. */
export function fillIn(example: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map(
    [...example].map(([name, value]) => [name, value === '' ? randomBytes(10).toString('hex') : value]),
  );
}

/** Starts the S3 server by the command line and environment that the stack gives it. */
export async function startS3({ services }: Compose, values: ReadonlyMap<string, string>): Promise<Launched> {
  const { versitygw } = await ensureTools(['versitygw']);
  const { command = [], environment = {} } = services['s3'] ?? {};
  return await launch({
    name: 's3',
    binary: versitygw,
    portsCount: 1,
    env: environmentOf(environment, values),
    prepare: async (dir, [port]) => {
      const folders: Places = [':/iam', ':/buckets'].map((mount) => [
        mount.slice(1),
        join(dir, mount.slice(2)),
      ]);
      await Promise.all(folders.map(([, folder]) => mkdir(folder)));
      return command.map((part) => place(part.replace(':7070', `127.0.0.1:${port}`), folders));
    },
    isReady: ([port]) => answersHttp(`http://127.0.0.1:${port}/health`),
  });
}

/** Starts Prometheus or Alertmanager by the command line that the stack gives it; another version where the stack's isn't built. */
export async function startWatcher(
  name: Watcher,
  { services }: Compose,
  configPath: string,
): Promise<Launched> {
  const tools = await ensureTools([name]);
  const { command = [] } = services[name] ?? {};
  return await launch({
    name,
    binary: (await findWatcher(name)) ?? tools[name],
    portsCount: 1,
    prepare: (dir, [port]) =>
      Promise.resolve([
        ...command.map((part) =>
          place(part, [
            [`/etc/${name}/${name}.yml`, configPath],
            [`path=/${name}`, `path=${dir}/data`],
          ]),
        ),
        `--web.listen-address=127.0.0.1:${port}`,
      ]),
    isReady: ([port]) => answersHttp(`http://127.0.0.1:${port}/-/ready`),
  });
}

/** Starts a worker as its image does, by the environment that the stack gives it. */
export async function startWorker(
  { services }: Compose,
  values: ReadonlyMap<string, string>,
  folder: string,
  places: Places,
): Promise<OwnedProcess> {
  await mkdir(folder);
  const config = await placeFile(folder, 'lab/innervisor.yaml', places);
  const { environment = {} } = services['worker-1'] ?? {};
  const stage = await readStage('innervisor');
  const [program = '', ...args] = [...stage.words('ENTRYPOINT'), ...stage.words('CMD')];
  if (program !== 'node') throw new Error(`the image starts ${program}`);
  const env = environmentOf(environment, values);
  return await startOwned(
    process.execPath,
    args.map((arg) => place(arg, [['/opt/innervisor', ROOT]])),
    folder,
    Object.fromEntries(
      Object.entries(env).map(([name, value]) => [
        name,
        place(value, [['/etc/innervisor/innervisor.yaml', config], ...places]),
      ]),
    ),
  );
}

/** What a service of the stack has in its environment. */
export function environmentOf(
  environment: Readonly<Record<string, string>>,
  values: ReadonlyMap<string, string>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [name, interpolate(value, values)]),
  );
}
