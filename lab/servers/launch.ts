import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { choosePorts } from './port.ts';
import { startOwned, type OwnedProcess } from './process.ts';

const READY_TIMEOUT_MS = 60_000;
const POLL_INTERVAL_MS = 50;
const ATTEMPTS_MAX = 3;

/** A real server that was started here, on loopback. */
export interface RunningServer extends AsyncDisposable {
  /** Base address, without a slash at its end. */
  readonly url: string;
  /** Its own temporary folder, removed by `stop`; its output is in `output.log`. */
  readonly dir: string;
  /** Of the process that was started first. */
  readonly pid: number;
  /** Ends the server and removes its folder. May be called more than once. */
  readonly stop: () => Promise<void>;
  /** Ends the server at once and keeps its folder; the signal is sent before this returns. */
  readonly crash: () => Promise<void>;
  /**
   * Starts it again after {@link crash}, with the folder, ports and keys that it had.
   *
   * @throws Error with the server's last output when it isn't ready within a minute.
   */
  readonly restart: () => Promise<void>;
}

/** Where a server is put, when not just anywhere. */
export interface Placement {
  /** Folder in which its own is made; the system's for temporary files by default. */
  readonly folder?: string;
  /** Ports that people know, tried first; one that is taken is replaced by a free one. */
  readonly ports?: readonly number[];
}

/** How to start one server. */
export interface Launch {
  readonly name: string;
  readonly binary: string;
  readonly portsCount: number;
  readonly placement?: Placement;
  /** Writes what the server needs into its folder and gives its arguments. */
  readonly prepare: (dir: string, ports: readonly number[]) => Promise<readonly string[]>;
  readonly isReady: (ports: readonly number[]) => Promise<boolean>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A server that is ready, and the ports that it got. */
export interface Launched extends RunningServer {
  readonly ports: readonly number[];
}

/**
 * Starts a server and waits until it is ready.
 *
 * @throws Error with the server's last output when it ended three times or wasn't ready within a minute.
 */
export async function launch(how: Launch): Promise<Launched> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await launchOnce(how);
    if (!(outcome instanceof Error)) return outcome;
    // A free port may have been taken in between, so one failure isn't the last word.
    if (attempt >= ATTEMPTS_MAX) throw outcome;
  }
}

async function launchOnce(how: Launch): Promise<Launched | Error> {
  const { folder = tmpdir(), ports: preferred = [] } = how.placement ?? {};
  const dir = await mkdtemp(join(folder, `innervisor-${how.name}-`));
  const ports = await choosePorts(how.portsCount, preferred);
  const args = await how.prepare(dir, ports);
  const start = (): Promise<OwnedProcess> => startOwned(how.binary, args, dir, how.env);
  let child = await start();
  const stop = async () => {
    await child.stop();
    await rm(dir, { recursive: true, force: true });
  };
  const problem = await waitUntilReady(how, ports, child);
  if (problem !== undefined) {
    await stop();
    return problem;
  }
  return {
    url: `http://127.0.0.1:${ports[0]}`,
    dir,
    pid: child.pid,
    ports,
    crash: () => child.kill(),
    restart: async () => {
      child = await start();
      const why = await waitUntilReady(how, ports, child);
      if (why !== undefined) throw why;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function waitUntilReady(
  { name, isReady }: Launch,
  ports: readonly number[],
  child: OwnedProcess,
): Promise<Error | undefined> {
  const problem = (what: string): Error => new Error(`${name} ${what}: ${child.lastOutput()}`);
  const deadline = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const ready = await isReady(ports);
    if (!child.isAlive()) return problem('has ended');
    if (ready) return undefined;
    await delay(POLL_INTERVAL_MS);
  }
  return problem(`is not ready after ${READY_TIMEOUT_MS} ms`);
}
