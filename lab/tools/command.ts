import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;
const FETCH_TIMEOUT_MS = 20 * 60_000;

/** Options of {@link runCommand}. */
export interface CommandOptions {
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Says that a command failed; the message holds the last line that it wrote. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/**
 * Runs a command to its end and gives its standard output.
 *
 * @throws CommandError when it can't be started, fails, or takes longer than 20 minutes.
 */
export async function runCommand(
  file: string,
  args: readonly string[],
  { cwd, env }: CommandOptions = {},
): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(file, [...args], {
      ...(cwd === undefined ? {} : { cwd }),
      env: { ...process.env, ...env },
      maxBuffer: OUTPUT_MAX_BYTES,
      timeout: FETCH_TIMEOUT_MS,
    });
    return stdout;
  } catch (cause) {
    throw new CommandError(`${file} ${args[0] ?? ''} failed: ${lastWords(cause)}`, { cause });
  }
}

function lastWords(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const stderr = 'stderr' in cause && typeof cause.stderr === 'string' ? cause.stderr.trim() : '';
  return stderr.split('\n').at(-1) || cause.message;
}

/** Gives the absolute path of the first of these programs that is on the `PATH`, if there is one. */
export async function findOnPath(...names: readonly string[]): Promise<string | undefined> {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder.startsWith('/'));
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  for (const candidate of candidates) {
    if (await isExecutable(candidate)) return candidate;
  }
  return undefined;
}

/** Tells whether there is a program at this path that we may run. */
export async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}
