import { chmod, cp, rename } from 'node:fs/promises';
import { join } from 'node:path';

import { cacheFolder, ensureCached, exists } from './cache.ts';
import { buildGo } from './go.ts';
import type { Log } from './tool.ts';

/** That of the image in `docker-compose.yml`. */
export const TEMPORAL_UI_VERSION = '2.49.1';
const PROGRAMS = {
  tool: 'temporal-ui',
  module: 'github.com/temporalio/ui-server/v2',
  version: `v${TEMPORAL_UI_VERSION}`,
  packages: ['cmd/server'],
};

/** What the image `temporalio/ui` has of Temporal's own. */
export interface TemporalUiFiles {
  readonly server: string;
  /** The script that the image starts. */
  readonly entrypoint: string;
  /** The template of the server's configuration, which that script names. */
  readonly config: string;
}

/** Finds what {@link ensureTemporalUi} has built before. */
export async function findTemporalUi(): Promise<TemporalUiFiles | undefined> {
  const folder = join(cacheFolder(), `temporal-ui-${TEMPORAL_UI_VERSION}`);
  return (await exists(folder)) ? filesOf(folder) : undefined;
}

/** Finds or builds the server of Temporal's Web UI. A build takes some minutes, once for all clones. */
export async function ensureTemporalUi(log: Log): Promise<TemporalUiFiles> {
  const folder = await ensureCached(`temporal-ui-${TEMPORAL_UI_VERSION}`, async (temporary) => {
    log(`building temporal-ui ${TEMPORAL_UI_VERSION} (ten minutes and more: its sources are 170 MB)`);
    await build(temporary, log);
  });
  return filesOf(folder);
}

function filesOf(folder: string): TemporalUiFiles {
  return {
    server: join(folder, 'ui-server'),
    entrypoint: join(folder, 'start-ui-server.sh'),
    config: join(folder, 'docker.yaml'),
  };
}

async function build(folder: string, log: Log): Promise<void> {
  const sources = await buildGo(PROGRAMS, folder, log);
  const { server, entrypoint, config } = filesOf(folder);
  await rename(join(folder, 'server'), server);
  await cp(join(sources, 'docker', 'start-ui-server.sh'), entrypoint);
  await cp(join(sources, 'config', 'docker.yaml'), config);
  await chmod(entrypoint, 0o755);
  await chmod(config, 0o644);
}
