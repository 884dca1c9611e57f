import { spawn, type ChildProcess } from 'node:child_process';

const startedAt = performance.now();
let current: ChildProcess | undefined;
let stopping = false;

/** Writes one line of progress with the seconds since this process started. */
export function report(text: string): void {
  const seconds = Math.round((performance.now() - startedAt) / 1_000);
  process.stderr.write(`[lab ${String(seconds).padStart(4)} s] ${text}\n`);
}

/**
 * Runs a command on this terminal and returns its exit code; a signal counts as 130.
 *
 * @throws Error when it cannot start.
 */
export async function exec(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: 'inherit' });
  current = child;
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? 130));
    });
  } finally {
    current = undefined;
  }
}

/**
 * Like {@link exec}, for a command that has to succeed.
 *
 * @throws Error when it exits other than with 0, and before it starts when a stop was asked for.
 */
export async function must(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  if (stopping) throw new Error('stopped');
  const code = await exec(command, args, env);
  if (code !== 0) throw new Error(`${command} ${args[0] ?? ''} ended with ${code}`);
}

/** Standard output of a short command; its exit code is not looked at. */
export async function output(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  return text;
}

/** From now on SIGINT and SIGTERM end the running command instead of this process, which then cleans up. */
export function stopOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (!stopping) report(`${signal}: stopping`);
      stopping = true;
      current?.kill('SIGTERM');
    });
  }
}

/** While cleaning up, further signals leave the cleaning commands alone. */
export function ignoreSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.removeAllListeners(signal);
    process.on(signal, () => report(`${signal}: already cleaning up`));
  }
}

/** Whether a process of this id exists. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
