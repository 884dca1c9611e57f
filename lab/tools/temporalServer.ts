import { chmod, cp, rename } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheFolder, ensureCached, exists } from './cache.ts';
import { CommandError, runCommand } from './command.ts';
import { ensureGo } from './go.ts';
import { ToolMissingError, type Log } from './tool.ts';

/** That of the images in `docker-compose.yml`. */
export const TEMPORAL_SERVER_VERSION = '1.31.2';
const MODULE = 'go.temporal.io/server';

/** What the images `temporalio/server` and `temporalio/admin-tools` have of Temporal's own. */
export interface TemporalServerFiles {
  readonly server: string;
  readonly sqlTool: string;
  /** The script that the server's image starts. */
  readonly entrypoint: string;
  /** Folder of the schemas, by database. */
  readonly schema: string;
}

/** Finds what {@link ensureTemporalServer} has built before. */
export async function findTemporalServer(): Promise<TemporalServerFiles | undefined> {
  const folder = join(cacheFolder(), `temporal-server-${TEMPORAL_SERVER_VERSION}`);
  return (await exists(folder)) ? filesOf(folder) : undefined;
}

/** Finds or builds the server that clusters run. A build takes some minutes, once for all clones. */
export async function ensureTemporalServer(log: Log): Promise<TemporalServerFiles> {
  const folder = await ensureCached(`temporal-server-${TEMPORAL_SERVER_VERSION}`, async (temporary) => {
    const go = await ensureGo(log);
    log(`building temporal-server ${TEMPORAL_SERVER_VERSION} (about six minutes)`);
    await build(go, temporary);
  });
  return filesOf(folder);
}

function filesOf(folder: string): TemporalServerFiles {
  return {
    server: join(folder, 'temporal-server'),
    sqlTool: join(folder, 'temporal-sql-tool'),
    entrypoint: join(folder, 'entrypoint.sh'),
    schema: join(folder, 'schema'),
  };
}

async function build(go: string, folder: string): Promise<void> {
  const env = { GOBIN: folder, GOTOOLCHAIN: 'local', CGO_ENABLED: '0' };
  const [server, sqlTool] = [
    `${MODULE}/cmd/server@v${TEMPORAL_SERVER_VERSION}`,
    `${MODULE}/cmd/tools/sql@v${TEMPORAL_SERVER_VERSION}`,
  ];
  try {
    await runCommand(go, ['install', '-ldflags=-s -w', server, sqlTool], { cwd: folder, env });
    const found = await runCommand(
      go,
      ['mod', 'download', '-json', `${MODULE}@v${TEMPORAL_SERVER_VERSION}`],
      {
        cwd: folder,
        env,
      },
    );
    const { Dir: sources } = JSON.parse(found) as { readonly Dir: string };
    await rename(join(folder, 'server'), join(folder, 'temporal-server'));
    await rename(join(folder, 'sql'), join(folder, 'temporal-sql-tool'));
    // Files of Go's cache can't be written, which would keep their copies from being removed.
    await cp(join(sources, 'schema'), join(folder, 'schema'), { recursive: true });
    await runCommand('chmod', ['-R', 'u+w', join(folder, 'schema')]);
    await cp(join(sources, 'docker', 'scripts', 'sh', 'entrypoint.sh'), join(folder, 'entrypoint.sh'));
    await chmod(join(folder, 'entrypoint.sh'), 0o755);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new ToolMissingError('temporal-server', error.message, 'check the Go module proxy', {
      cause: error,
    });
  }
}
