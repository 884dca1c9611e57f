import { chmod, cp, rename } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheFolder, ensureCached, exists } from './cache.ts';
import { runCommand } from './command.ts';
import { buildGo } from './go.ts';
import type { Log } from './tool.ts';

/** That of the images in `docker-compose.yml`. */
export const TEMPORAL_SERVER_VERSION = '1.31.2';
const PROGRAMS = {
  tool: 'temporal-server',
  module: 'go.temporal.io/server',
  version: `v${TEMPORAL_SERVER_VERSION}`,
  packages: ['cmd/server', 'cmd/tools/sql'],
};

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
    log(`building temporal-server ${TEMPORAL_SERVER_VERSION} (about six minutes)`);
    await build(temporary, log);
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

async function build(folder: string, log: Log): Promise<void> {
  const sources = await buildGo(PROGRAMS, folder, log);
  await rename(join(folder, 'server'), join(folder, 'temporal-server'));
  await rename(join(folder, 'sql'), join(folder, 'temporal-sql-tool'));
  // Files of Go's cache can't be written, which would keep their copies from being removed.
  await cp(join(sources, 'schema'), join(folder, 'schema'), { recursive: true });
  await runCommand('chmod', ['-R', 'u+w', join(folder, 'schema')]);
  await cp(join(sources, 'docker', 'scripts', 'sh', 'entrypoint.sh'), join(folder, 'entrypoint.sh'));
  await chmod(join(folder, 'entrypoint.sh'), 0o755);
}
