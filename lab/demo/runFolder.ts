import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'innervisor-demo-';
/** In the command line of every demo, so that another process with a dead demo's pid isn't taken for it. */
const MARK = join('lab', 'demo', 'main.ts');

/**
 * Makes this demo's folder; its name tells whose it is.
 *
 * @throws Error that says what to do when there is no place for it.
 */
export async function makeRunFolder(): Promise<string> {
  try {
    return await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`));
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new Error(
      `no folder can be made in ${tmpdir()} (${why}); set TMPDIR to one that you may write to`,
      { cause },
    );
  }
}

/**
 * Removes the folders that killed demos left behind; their processes ended with them. Other people's are
 * left alone. Gives the pids of demos that are running.
 */
export async function sweepRunFolders(log: (line: string) => void): Promise<readonly number[]> {
  const running: number[] = [];
  for (const name of await listTemporaryFolder()) {
    const pid = Number(/^innervisor-demo-(\d+)-/.exec(name)?.[1]);
    if (Number.isNaN(pid)) continue;
    const folder = join(tmpdir(), name);
    if (await isDemo(pid)) {
      if (pid !== process.pid) running.push(pid);
    } else if ((await stat(folder)).uid === process.getuid?.()) {
      await rm(folder, { recursive: true, force: true });
      log(`removed ${folder}, which a killed demo (pid ${pid}) left behind`);
    }
  }
  return running;
}

async function listTemporaryFolder(): Promise<readonly string[]> {
  try {
    return await readdir(tmpdir());
  } catch (error) {
    // Making the run's folder in it fails as well, and that is told.
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}

async function isDemo(pid: number): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes(MARK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return false;
    throw error;
  }
}
