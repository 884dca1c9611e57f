import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import { ensureTools } from '../../lab/tools/index.ts';
import { GUEST, guestEnvironment } from './support.ts';

const BIN = join(GUEST, 'root/usr/local/bin');
const FOLDER = join(GUEST, 'test');
const TIMEOUT_MS = 600_000;

const files = await readdir(FOLDER);
const { bats, shellcheck } = await ensureTools(['bats', 'shellcheck']);
const env = await guestEnvironment();

describe('the scripts of a probe', () => {
  it.each(files.filter((file) => file.endsWith('.bats')))(
    'pass %s',
    async (file) => {
      const ended = await end(bats, ['--tap', join(FOLDER, file)]);

      const failed = ended.output.split('\n').filter((line) => line.startsWith('not ok'));
      expect(failed, ended.output).toEqual([]);
      expect(ended.code, ended.output).toBe(0);
      expect(ended.output).toMatch(/^ok 1 /m);
    },
    TIMEOUT_MS,
  );

  it('pass exporter_test.py', async () => {
    const ended = await end('python3', ['-B', join(FOLDER, 'exporter_test.py')]);

    expect(ended.code, ended.output).toBe(0);
    expect(ended.output).toMatch(/^Ran [1-9]/m);
  });

  it('are as shellcheck wants them', async () => {
    const scripts = (await readdir(BIN)).map((file) => join(BIN, file));
    const tests = files.filter((file) => /\.(bash|bats)$/.test(file)).map((file) => join(FOLDER, file));
    const customize = join(GUEST, 'image/customize.sh');

    const ended = await end(shellcheck, ['-x', ...scripts, ...tests, customize]);

    expect(ended, ended.output).toMatchObject({ code: 0 });
  });
});

/** Runs a program to its end, be it good or bad. */
async function end(
  file: string,
  args: readonly string[],
): Promise<{ readonly code: unknown; readonly output: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(file, args, { env });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    if (!(error instanceof Error && 'stdout' in error && 'stderr' in error && 'code' in error)) throw error;
    return { code: error.code, output: `${String(error.stdout)}${String(error.stderr)}` };
  }
}
