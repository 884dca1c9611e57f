import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/await.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const DEMO = join(ROOT, 'lab', 'demo', 'main.ts');
const WAIT_MS = 120_000;

/** A demo that was started as a user would, with a folder for temporary files of its own. */
export interface StartedDemo {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Writes a line to its prompt. */
  type(line: string): void;
  /** Ends its input. */
  hangUp(): void;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when stdout and stderr together hold the text; waits two minutes unless told otherwise. */
  says(text: string | RegExp, timeoutMs?: number): Promise<void>;
  /** Exit code; `null` after a signal. */
  readonly ended: Promise<number | null>;
}

/** A place for demos: what they leave in it and which processes still use it. */
export async function makePlace() {
  const folder = await mkdtemp(join(tmpdir(), 'demo-test-'));
  const started: StartedDemo[] = [];
  const keep = (demo: StartedDemo): StartedDemo => {
    started.push(demo);
    return demo;
  };
  return {
    folder,
    start: (args: readonly string[], env: Readonly<Record<string, string>> = {}): StartedDemo =>
      keep(startDemo(process.execPath, [DEMO, ...args], { TMPDIR: folder, ...env })),
    /** Starts it by a line of a page, in the checkout; without what npm itself would leave among temporary files. */
    startBy: (line: string): StartedDemo =>
      keep(startDemo('sh', ['-c', `exec ${line}`], { TMPDIR: folder, NODE_DISABLE_COMPILE_CACHE: '1' })),
    left: () => readdir(folder),
    /** Command lines of processes that name this place. */
    processes: async () => (await processesNaming(folder)).map(({ line }) => line),
    /** Ends the one process that names this place and this program, as a crash would. */
    crash: async (program: string) => {
      const found = (await processesNaming(folder)).filter(({ line }) => line.includes(program));
      const [only] = found;
      if (only === undefined || found.length > 1) throw new Error(`${found.length} processes of ${program}`);
      process.kill(only.pid, 'SIGKILL');
    },
    [Symbol.asyncDispose]: async () => {
      // A test that failed has not stopped what it started.
      for (const demo of started) demo.kill('SIGKILL');
      await Promise.all(started.map(({ ended }) => ended));
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

function startDemo(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): StartedDemo {
  const child = spawn(file, args, { cwd: ROOT, env: { ...process.env, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    pid: child.pid ?? 0,
    stdout: () => stdout,
    stderr: () => stderr,
    type: (line) => void child.stdin.write(`${line}\n`),
    hangUp: () => void child.stdin.end(),
    kill: (signal) => void child.kill(signal),
    says: async (text, timeoutMs = WAIT_MS) => {
      const said = (): boolean => {
        const all = `${stdout}\n${stderr}`;
        return typeof text === 'string' ? all.includes(text) : text.test(all);
      };
      const describe = `the demo to say ${String(text)}`;
      const endedFirst = ended.then((code) => {
        if (!said()) throw new Error(`the demo ended with ${code} instead: ${stdout}\n${stderr}`);
      });
      await Promise.race([eventually(said, { timeoutMs, describe }), endedFirst]);
    },
    ended,
  };
}

async function processesNaming(text: string): Promise<readonly { pid: number; line: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    // A process may end while it is being looked at.
    pids.map(async (pid) => ({
      pid: Number(pid),
      line: (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' '),
    })),
  );
  return lines.filter(({ line }) => line.includes(text));
}
