/** Builds the probes' image where the cache has none, and boots it in tests: `npm run test:guest`. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ensureGuestImage } from '../../guest/image/build.ts';
import { runInherited } from '../../scripts/command.ts';
import { findOnPath } from '../tools/command.ts';
import { installDebianPackages, isRoot } from '../tools/debian.ts';
import { ensureTools } from '../tools/index.ts';
import { ensureVmTools } from './tools.ts';

/** A network namespace of its own: what is booted in it reaches loopback and nothing else. */
const NAMESPACE = ['--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
const VITEST = join(import.meta.dirname, '../../node_modules/vitest/vitest.mjs');

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`test:guest: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function main(): Promise<number> {
  if (process.platform !== 'linux' || !isRoot())
    throw new Error('needs Linux and root: it builds an image of Debian and makes a network namespace');
  const log = (line: string) => console.error(`test:guest: ${line}`);
  await ensureTools(undefined, log);
  await ensureVmTools(log);
  const image = await ensureGuestImage(log);
  if ((await findOnPath('ip')) === undefined) await installDebianPackages('ip', ['iproute2']);
  const vitest = [process.execPath, VITEST, 'run', '--project', 'guestvm', '--reporter', 'verbose'];
  // Disks of a gigabyte lie here, and go also when the tests are interrupted.
  const temporary = await mkdtemp(join(tmpdir(), 'innervisor-guestvm-'));
  try {
    Object.assign(process.env, { INNERVISOR_GUEST_IMAGE: image, TMPDIR: temporary });
    return await runInherited('unshare', [...NAMESPACE, ...vitest, ...process.argv.slice(2)]);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
