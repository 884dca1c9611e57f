import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { findOnPath } from '../tools/command.ts';
import { isRoot } from '../tools/debian.ts';

/** Set in the environment of the demo that runs inside a namespace. */
const INSIDE = 'INNERVISOR_DEMO_NAMESPACE';

/** Whether this process runs in a network namespace of its own, where every loopback address is the demo's. */
export function isInNamespace(): boolean {
  return process.env[INSIDE] === '1';
}

/**
 * Runs this very command again in a network namespace with nothing but loopback, and gives its exit code.
 * In a user namespace the native modules of the worker's bundler refuse to be loaded, so it takes root.
 *
 * @throws Error for anybody but root, and when a program for it is missing.
 */
export async function runInNamespace(): Promise<number> {
  if (!isRoot())
    throw new Error('so many hypervisors need a network namespace, which root can make; choose 1000 at most');
  const unshare = await need('unshare', 'util-linux');
  const setpriv = await need('setpriv', 'util-linux');
  await need('ip', 'iproute2');
  const child = spawn(
    unshare,
    [
      ...['--net', setpriv, '--pdeathsig', 'KILL'],
      ...['sh', '-c', 'ip link set lo up && exec "$@"', 'demo'],
      ...[process.execPath, ...process.argv.slice(1)],
    ],
    { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } },
  );
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, forward);
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}

async function need(program: string, fromPackage: string): Promise<string> {
  const path = await findOnPath(program);
  if (path === undefined)
    throw new Error(`${program} is not on the PATH; install ${fromPackage}, or choose fewer hypervisors`);
  return path;
}
