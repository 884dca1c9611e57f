import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ROOT } from './compose.ts';

const run = promisify(execFile);
const RELEASES = join('node_modules', '@temporalio', 'core-bridge', 'releases');

let folder: string;
let releases: string;

/** The names that Temporal's SDK has in this checkout, with a file in each. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'innervisor-prune-'));
  releases = join(folder, RELEASES);
  for (const name of await readdir(join(ROOT, RELEASES))) {
    await mkdir(join(releases, name), { recursive: true });
    await writeFile(join(releases, name, 'index.node'), name);
  }
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs it as if on a machine of this kind. */
async function prune(machine: string) {
  const uname = join(folder, 'uname');
  await writeFile(uname, `#!/bin/sh\necho ${machine}\n`);
  await chmod(uname, 0o755);
  const PATH = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
  const script = join(ROOT, 'deploy', 'pruneModules.sh');
  return await run('sh', [script, join(folder, 'node_modules')], { env: { ...process.env, PATH } });
}

test.each([
  ['x86_64', 'x86_64-unknown-linux-gnu'],
  ['aarch64', 'aarch64-unknown-linux-gnu'],
])('on %s only what runs there is left', async (machine, own) => {
  expect((await readdir(releases)).length).toBeGreaterThan(1);

  await prune(machine);

  expect(await readdir(releases)).toEqual([own]);
  expect(await readdir(join(releases, own))).toEqual(['index.node']);
});

test('on a machine that the SDK has nothing for it fails and takes nothing away', async () => {
  const before = await readdir(releases);

  await expect(prune('riscv64')).rejects.toThrow("Temporal's SDK has nothing for riscv64");

  expect(await readdir(releases)).toEqual(before);
});

test('where what runs on the machine is missing it fails and takes nothing away', async () => {
  await rm(join(releases, 'x86_64-unknown-linux-gnu'), { recursive: true });
  const before = await readdir(releases);

  await expect(prune('x86_64')).rejects.toThrow();

  expect(await readdir(releases)).toEqual(before);
});
