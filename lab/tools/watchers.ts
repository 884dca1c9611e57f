import { join } from 'node:path';

import { cacheFolder, ensureCached, exists } from './cache.ts';
import { buildGo, type GoPrograms } from './go.ts';
import type { Log } from './tool.ts';

/** Those of the images in `docker-compose.yml`, by the names of their programs. */
export const WATCHERS = {
  prometheus: {
    version: '3.5.0',
    // A release 3.x is 0.3xx as a module.
    programs: {
      tool: 'prometheus-of-stack',
      module: 'github.com/prometheus/prometheus',
      version: 'v0.305.0',
      packages: ['cmd/prometheus'],
    },
  },
  alertmanager: {
    version: '0.28.1',
    programs: {
      tool: 'alertmanager-of-stack',
      module: 'github.com/prometheus/alertmanager',
      version: 'v0.28.1',
      packages: ['cmd/alertmanager'],
    },
  },
} as const satisfies Record<string, { readonly version: string; readonly programs: GoPrograms }>;

/** What watches a region beside a worker. */
export type Watcher = keyof typeof WATCHERS;

/** Finds what {@link ensureWatcher} has built before. */
export async function findWatcher(name: Watcher): Promise<string | undefined> {
  const folder = join(cacheFolder(), nameOf(name));
  return (await exists(folder)) ? join(folder, name) : undefined;
}

/** Finds or builds the release that the stack of containers has, without its web pages. It takes some minutes, once for all clones. */
export async function ensureWatcher(name: Watcher, log: Log): Promise<string> {
  const { programs } = WATCHERS[name];
  const folder = await ensureCached(nameOf(name), async (temporary) => {
    log(`building ${nameOf(name)} (ten minutes and more)`);
    await buildGo(programs, temporary, log);
  });
  return join(folder, name);
}

function nameOf(name: Watcher): string {
  const { version, programs } = WATCHERS[name];
  return `${programs.tool}-${version}`;
}
