import { setTimeout as delay } from 'node:timers/promises';
import { exec, isRunning, must, output } from './shell.ts';

const PREFIX = 'innervisor-';
const KEPT = 'kept-';
/** Every address of the lab's network is local to the namespace, so one server answers for all probes. */
const PROBE_NETWORK = '10.77.0.0/16';
const STOP_POLLS = 20;
const STOP_POLL_MS = 250;

/** Name of this process's namespace; a kept one is not swept by later runs. */
export function namespaceName(keep: boolean): string {
  return `${PREFIX}${keep ? KEPT : ''}${process.pid}`;
}

/** Whether a namespace is in use: kept on purpose, or its runner still lives. */
export function isInUse(name: string): boolean {
  const rest = name.slice(PREFIX.length);
  return rest.startsWith(KEPT) || isRunning(Number(rest));
}

/** Makes a network namespace with nothing but loopback. */
export async function makeNamespace(name: string): Promise<void> {
  await must('ip', ['netns', 'add', name]);
  await must('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  await must('ip', ['-n', name, 'route', 'add', 'local', PROBE_NETWORK, 'dev', 'lo']);
}

/** Stops the processes that are left in a namespace and deletes it. */
export async function deleteNamespace(name: string): Promise<void> {
  if (!(await namespaces()).includes(name)) return;
  await signalAll(name, 'SIGTERM');
  for (let poll = 0; poll < STOP_POLLS && (await pids(name)).length > 0; poll += 1) await delay(STOP_POLL_MS);
  await signalAll(name, 'SIGKILL');
  await exec('ip', ['netns', 'delete', name]);
}

/** Names of namespaces whose runner died without cleaning up. */
export async function deadNamespaces(): Promise<string[]> {
  return (await namespaces()).filter((name) => /^innervisor-\d+$/.test(name) && !isInUse(name));
}

async function namespaces(): Promise<string[]> {
  const text = await output('ip', ['netns', 'list']);
  return text.split('\n').flatMap((line) => line.split(' ')[0] || []);
}

async function pids(name: string): Promise<number[]> {
  const text = await output('ip', ['netns', 'pids', name]);
  return text.split('\n').filter(Boolean).map(Number);
}

async function signalAll(name: string, signal: NodeJS.Signals): Promise<void> {
  for (const pid of await pids(name)) {
    // It may have ended since it was listed.
    if (isRunning(pid)) process.kill(pid, signal);
  }
}
