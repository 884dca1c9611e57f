import { join } from 'node:path';

import { ensureCached } from './cache.ts';
import { CommandError, findOnPath, runCommand } from './command.ts';
import { ensureGo } from './go.ts';
import { ToolMissingError, type Log } from './tool.ts';

const VERSION = 'v1.8.0';
const MODULE = `github.com/versity/versitygw/cmd/versitygw@${VERSION}`;

/** Finds or builds the S3 server. A build takes some minutes, once for all clones. */
export async function ensureVersitygw(log: Log): Promise<string> {
  const own = await findOnPath('versitygw');
  if (own !== undefined) return own;
  const folder = await ensureCached(`versitygw-${VERSION}`, async (temporary) => {
    const go = await ensureGo(log);
    log(`building versitygw ${VERSION} (about two minutes)`);
    await build(go, temporary);
  });
  return join(folder, 'versitygw');
}

async function build(go: string, folder: string): Promise<void> {
  try {
    await runCommand(go, ['install', MODULE], {
      cwd: folder,
      env: { GOBIN: folder, GOTOOLCHAIN: 'local', CGO_ENABLED: '0' },
    });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new ToolMissingError(
      'versitygw',
      error.message,
      'check the Go module proxy, or put it on the PATH',
      {
        cause: error,
      },
    );
  }
}
