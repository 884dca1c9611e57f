import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { freePorts } from '../../../lab/servers/port.ts';
import type { OwnedProcess } from '../../../lab/servers/process.ts';
import { startStack, type Stack } from '../../openstack/support/stack.ts';
import type { Guests } from '../../scenario/cloud.ts';
import { eventually } from '../../support/await.ts';
import { SimCloud } from '../simCloud.ts';

/** One series with its value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A worker whose health can be asked for. */
export interface WatchedWorker {
  readonly process: OwnedProcess;
  /** What a path answers. */
  readonly ask: (path: string) => Promise<{ readonly status: number; readonly body: string }>;
  samples(): Promise<readonly Sample[]>;
  /** The value of the only series with this name and these labels. */
  value(name: string, labels?: Readonly<Record<string, string>>): Promise<number | undefined>;
  /** What it logged, line by line. */
  log(): Promise<readonly string[]>;
}

/** A region with a worker that shows its health, and more of them on demand. */
export interface WatchedRegion extends AsyncDisposable {
  readonly cloud: SimCloud;
  readonly stack: Stack;
  readonly first: WatchedWorker;
  /** Starts one more, with a port of its own. */
  startWorker(env?: Readonly<Record<string, string>>): Promise<WatchedWorker>;
}

/** Starts everything real around a simulated cloud of six hypervisors. */
export async function startWatchedRegion(): Promise<WatchedRegion> {
  await using starting = new AsyncDisposableStack();
  const cloud = starting.adopt(await SimCloud.open(), (open) => open.close());
  const [port = 0] = await freePorts(1);
  const { cloudsYaml } = cloud;
  const more = { worker: { listen: `127.0.0.1:${port}`, logFormat: 'json' } };
  const stack = starting.use(await startStack({ cloudsYaml, more }));
  starting.adopt(await cloud.startGuests(), (guests: Guests) => guests.stop());
  let workers = 1;
  const held = starting.move();
  const first = watchWorker(stack.worker, port, join(stack.folder, 'worker-1'));
  await awaitReady(first);
  return {
    cloud,
    stack,
    first,
    startWorker: async (env = {}) => {
      workers += 1;
      const [own = 0] = await freePorts(1);
      const configPath = join(stack.folder, `innervisor-${workers}.yaml`);
      const config = parse(await readFile(stack.configPath, 'utf8')) as { worker: object };
      await writeFile(
        configPath,
        stringify({ ...config, worker: { ...config.worker, listen: `127.0.0.1:${own}` } }),
      );
      const process = await stack.startWorker({ configPath, env });
      const worker = watchWorker(process, own, join(stack.folder, `worker-${workers}`));
      await awaitReady(worker);
      return worker;
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Asks a worker that was started in a folder about its health. */
export function watchWorker(process: OwnedProcess, port: number, folder: string): WatchedWorker {
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return { status: response.status, body: await response.text() };
  };
  const samples = async () => parseSamples((await ask('/metrics')).body);
  return {
    process,
    ask,
    samples,
    value: async (name, labels = {}) => {
      const wanted = Object.entries(labels);
      const found = (await samples()).filter(
        (sample) => sample.name === name && wanted.every(([key, value]) => sample.labels[key] === value),
      );
      if (found.length > 1)
        throw new Error(`${found.length} series are called ${name} ${JSON.stringify(labels)}`);
      return found[0]?.value;
    },
    log: async () =>
      (await readFile(join(folder, 'output.log'), 'utf8')).split('\n').filter((line) => line !== ''),
  };
}

/** Resolves when the worker says that it is ready. */
export async function awaitReady({ ask, process }: WatchedWorker): Promise<void> {
  await eventually(
    async () => {
      if (!process.isAlive()) return true;
      const { status, body } = await ask('/readyz');
      if (status !== 200) throw new Error(body);
      return true;
    },
    { timeoutMs: 60_000, describe: 'the worker is ready' },
  );
  if (!process.isAlive()) throw new Error(`the worker has ended: ${process.lastOutput()}`);
}

function parseSamples(text: string): readonly Sample[] {
  return text.split('\n').flatMap((line) => {
    const [, name = '', inside = '', value = ''] =
      /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/i.exec(line) ?? [];
    if (name === '') return [];
    const pairs = [...inside.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/gi)].map(([, key = '', label = '']) => [
      key,
      label,
    ]);
    return [{ name, labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }];
  });
}
