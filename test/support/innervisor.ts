import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { eventually } from './await.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'src', 'cli', 'main.ts');
const WAIT_MS = 150_000;
const SIZE = 'stty cols 120 rows 40';

/** Where the command finds its configuration and its servers. */
export interface CommandPlace {
  readonly configPath: string;
  readonly env: Readonly<Record<string, string>>;
  /** Our program; the one of this checkout by default. */
  readonly program?: string;
  /** Runs it at a terminal; what it says all goes to `stdout` then. */
  readonly terminal?: boolean;
  /** Runs it as this user, where the tests run as root. */
  readonly uid?: number;
}

/** The command while it runs. */
export interface StartedCommand {
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Types at the terminal. */
  type(text: string): void;
  /** Only without a terminal; at one, Ctrl-C is typed. */
  interrupt(): void;
  /** Resolves when it has said so. */
  says(text: string | RegExp): Promise<void>;
  /** Exit code. */
  readonly ended: Promise<number | null>;
}

/** Starts `innervisor` as a person would, at a terminal of 120 columns or without one. */
export function startInnervisor(
  args: readonly string[],
  { configPath, env, program = MAIN, terminal = false, uid }: CommandPlace,
): StartedCommand {
  const command = [process.execPath, program, '--config', configPath, ...args];
  const line = `${SIZE}; exec ${command.map((part) => `'${part}'`).join(' ')}`;
  const [file = '', ...rest] = terminal ? ['script', '-qefc', line, '/dev/null'] : command;
  const child = spawn(file, rest, {
    env: { ...withoutColourSettings(process.env), TERM: 'xterm', ...env },
    ...(uid === undefined ? {} : { uid }),
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    stdout: () => stdout,
    stderr: () => stderr,
    type: (text) => void child.stdin.write(text),
    interrupt: () => void child.kill('SIGINT'),
    says: async (text) => {
      const said = (): boolean => {
        const all = `${stdout}\n${stderr}`;
        return typeof text === 'string' ? all.includes(text) : text.test(all);
      };
      await eventually(said, { timeoutMs: WAIT_MS, describe: `innervisor says ${String(text)}` });
    },
    ended,
  };
}

/** What a person's terminal has: Node takes each of these for a wish about colour, and a build server sets `CI`. */
function withoutColourSettings({
  NO_COLOR: _none,
  NODE_DISABLE_COLORS: _disabled,
  FORCE_COLOR: _forced,
  CI: _buildServer,
  ...env
}: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return env;
}

/** Runs it to its end. */
export async function runInnervisor(args: readonly string[], place: CommandPlace) {
  const command = startInnervisor(args, place);
  const code = await command.ended;
  return { code, stdout: command.stdout(), stderr: command.stderr() };
}
