import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { OwnedProcess } from '../../lab/servers/process.ts';
import type { Stack } from '../../lab/stack/index.ts';
import type { Chance } from './chance.ts';
import type { Tally } from './tally.ts';

/** What a group of regions shares and what can be taken away from all of them at once. */
export interface Shared {
  readonly stack: Stack;
  readonly workers: OwnedProcess[];
  /** When Alertmanager was killed last. */
  alertmanagerLostMs: number;
}

/** Below what a pass is waited for. */
const DISASTERS_END_AFTER_MS = 150_000;
const CLOCK = join(import.meta.dirname, 'clock.ts');

type Disaster = (shared: Shared, chance: Chance) => Promise<void>;

const DISASTERS: Readonly<Record<string, Disaster>> = {
  'S3 server killed': ({ stack }, chance) => outage(stack.s3, chance),
  'Prometheus killed': ({ stack }, chance) => outage(stack.prometheus, chance),
  'Alertmanager killed': async (shared, chance) => {
    shared.alertmanagerLostMs = Date.now();
    await outage(shared.stack.alertmanager, chance);
    shared.alertmanagerLostMs = Date.now();
  },
  'Temporal server killed': ({ stack }, chance) => outage(stack.temporal, chance),
  'worker killed': (shared, chance) => loseWorker(shared, chance, 'kill'),
  'worker told to stop': (shared, chance) => loseWorker(shared, chance, 'stop'),
  'worker frozen': async ({ workers }, chance) => {
    const worker = workers.find((candidate) => candidate.isAlive());
    if (worker === undefined) return;
    process.kill(worker.pid, 'SIGSTOP');
    // Above and below the 20 s after which Temporal gives a silent step to another worker.
    await delay(chance.pick([1_000, 5_000, 24_000]));
    process.kill(worker.pid, 'SIGCONT');
  },
  'clock of a worker jumps': async ({ stack, workers }, chance) => {
    // The first worker of all has an ordinary clock.
    const worker = workers.find((candidate) => candidate !== stack.worker && candidate.isAlive());
    if (worker === undefined) return;
    process.kill(worker.pid, 'SIGWINCH');
    await delay(chance.between(1_000, 12_000));
    if (worker.isAlive()) process.kill(worker.pid, 'SIGWINCH');
  },
};

/**
 * Lets one disaster after the other happen until it is told to stop; all is well again when it returns. They end by
 * themselves after a while: on a slow machine a pass would not get on between two of them.
 */
export async function strike(shared: Shared, chance: Chance, tally: Tally, signal: AbortSignal) {
  const happened: string[] = [];
  const endMs = Date.now() + DISASTERS_END_AFTER_MS;
  while (!signal.aborted && Date.now() < endMs) {
    await delay(chance.between(300, 4_000), undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    const name = chance.pick(Object.keys(DISASTERS));
    await DISASTERS[name]?.(shared, chance);
    tally.add('disasters', name);
    happened.push(name);
  }
  return happened;
}

async function outage(server: Pick<Stack['s3'], 'crash' | 'restart'>, chance: Chance): Promise<void> {
  await server.crash();
  await delay(chance.between(0, 4_000));
  await server.restart();
}

async function loseWorker(shared: Shared, chance: Chance, how: 'kill' | 'stop'): Promise<void> {
  await shared.workers.shift()?.[how]();
  await delay(chance.between(0, 2_000));
  addWorker(shared, await startWorker(shared.stack, chance));
}

/** Starts a worker whose clock can be made to jump; each by a time of its own, up to 10 minutes forth or back. */
export async function startWorker(stack: Stack, chance: Chance): Promise<OwnedProcess> {
  const jumpMs = chance.pick([-1, 1]) * chance.pick([5_000, 60_000, 600_000]);
  return await stack.startWorker({
    nodeArgs: ['--import', CLOCK],
    env: { CLOCK_JUMP_MS: String(jumpMs) },
  });
}

/** Has another worker take the place of one that ends by itself, as whatever runs workers does. */
export function addWorker(shared: Shared, worker: OwnedProcess): void {
  const { workers, stack } = shared;
  workers.push(worker);
  void worker.exited.then(async () => {
    const place = workers.indexOf(worker);
    if (place < 0) return;
    workers.splice(place, 1);
    addWorker(shared, await stack.startWorker());
  });
}
