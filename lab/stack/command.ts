import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dyingWithUs } from '../servers/process.ts';

/** What a command printed and how it ended. */
export interface CommandResult {
  /** Exit code; 1 also when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How a command is run. */
export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  /** That of this process by default. */
  readonly cwd?: string;
  /** Ends the command with SIGTERM. */
  readonly signal?: AbortSignal;
  /** Takes what the command writes to stderr as it comes. */
  readonly onStderr?: (text: string) => void;
}

/**
 * Runs a command to its end, whatever its exit code.
 *
 * @throws Error when it can't be started or the signal ended it.
 */
export async function command(
  file: string,
  args: readonly string[],
  { env, cwd, signal, onStderr }: CommandOptions,
): Promise<CommandResult> {
  const [program, ...rest] = await dyingWithUs(file, args);
  const child = spawn(program, rest, {
    env,
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    onStderr?.(text);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code: code ?? 1, stdout, stderr };
}
