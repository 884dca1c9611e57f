import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { findOnPath } from '../tools/command.ts';

const TERM_TIMEOUT_MS = 5000;
const LOG_TAIL_CHARACTERS = 2000;

/** A child process that never outlives this one. */
export interface OwnedProcess {
  readonly pid: number;
  /** Whether it has neither exited nor been stopped. */
  readonly isAlive: () => boolean;
  /** Resolves when it is gone, for whatever reason. */
  readonly exited: Promise<void>;
  /** The last words of its output. */
  readonly lastOutput: () => string;
  /** Ends it: SIGTERM, and SIGKILL if it is still there after five seconds. Once is enough; twice does no harm. */
  readonly stop: () => Promise<void>;
  /** Ends it at once, as a crash would: SIGKILL is sent before this returns. Resolves when it is gone. */
  readonly kill: () => Promise<void>;
}

interface Owned {
  readonly child: ChildProcess;
  readonly folder: string;
}

const owned = new Set<Owned>();
process.once('exit', endAllAtOnce);

/**
 * Starts a program in a folder, with its output in `output.log` there.
 *
 * Two nets keep it from outliving this process: an exit hook, and for an end without hooks (SIGKILL, a crash)
 * the kernel's parent-death signal, which `setpriv` of util-linux asks for before it becomes the program.
 * See `PR_SET_PDEATHSIG` in https://man7.org/linux/man-pages/man2/prctl.2.html
 */
export async function startOwned(
  file: string,
  args: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Promise<OwnedProcess> {
  const logPath = join(folder, 'output.log');
  const [program, ...rest] = await dyingWithUs(file, args);
  const log = openSync(logPath, 'a');
  const child = spawn(program, rest, {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await once(child, 'spawn');
  if (child.pid === undefined) throw new Error(`${file} has no process id`);
  const entry: Owned = { child, folder };
  owned.add(entry);
  const ended = async (signals: (child: ChildProcess) => Promise<void>): Promise<void> => {
    await signals(child);
    owned.delete(entry);
  };
  return {
    pid: child.pid,
    exited,
    isAlive: () => isAlive(child),
    lastOutput: () => readFileSync(logPath, 'utf8').slice(-LOG_TAIL_CHARACTERS).trim(),
    stop: () => ended(end),
    kill: () => ended(crash),
  };
}

/**
 * The command line that has the kernel kill a program when this process ends, however it ends; the program's own
 * where there is no `setpriv`.
 */
export async function dyingWithUs(
  file: string,
  args: readonly string[],
): Promise<[program: string, ...args: string[]]> {
  const setpriv = await findOnPath('setpriv');
  return setpriv === undefined ? [file, ...args] : [setpriv, '--pdeathsig', 'KILL', file, ...args];
}

function isAlive(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function end(child: ChildProcess): Promise<void> {
  if (!isAlive(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const bound = new AbortController();
  const late = delay(TERM_TIMEOUT_MS, 'late', { signal: bound.signal, ref: false }).catch(() => 'stopped');
  if ((await Promise.race([exited, late])) === 'late') child.kill('SIGKILL');
  await exited;
  bound.abort();
}

async function crash(child: ChildProcess): Promise<void> {
  if (!isAlive(child)) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

/** The exit hook: nothing asynchronous runs any more, so there is no time for SIGTERM. */
function endAllAtOnce(): void {
  for (const { child, folder } of owned) {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}
