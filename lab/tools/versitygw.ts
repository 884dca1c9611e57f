import { join } from 'node:path';

import { ensureCached } from './cache.ts';
import { findOnPath } from './command.ts';
import { buildGo } from './go.ts';
import type { Log } from './tool.ts';

const VERSION = 'v1.8.0';
const PROGRAMS = {
  tool: 'versitygw',
  module: 'github.com/versity/versitygw',
  version: VERSION,
  packages: ['cmd/versitygw'],
};

/** Finds or builds the S3 server. A build takes some minutes, once for all clones. */
export async function ensureVersitygw(log: Log): Promise<string> {
  const own = await findOnPath('versitygw');
  if (own !== undefined) return own;
  const folder = await ensureCached(`versitygw-${VERSION}`, async (temporary) => {
    log(`building versitygw ${VERSION} (about two minutes)`);
    await buildGo(PROGRAMS, temporary, log);
  });
  return join(folder, 'versitygw');
}
