import { join } from 'node:path';

import { ensureCached } from './cache.ts';
import { findOnPath } from './command.ts';
import { installDebianPackages, isRoot, unpackDebianPackages } from './debian.ts';
import type { Log } from './tool.ts';

const VERSION = '2.42';
const PACKAGES = [`prometheus=${VERSION}*`];

/** Paths of Prometheus and its tool. */
export interface PrometheusTools {
  readonly prometheus: string;
  readonly promtool: string;
}

/** Finds or fetches Prometheus and promtool. */
export async function ensurePrometheus(log: Log): Promise<PrometheusTools> {
  const own = await onPath();
  if (own !== undefined) return own;
  if (isRoot()) {
    log(`installing prometheus ${VERSION} from Debian`);
    await installDebianPackages('prometheus', PACKAGES);
    const installed = await onPath();
    if (installed !== undefined) return installed;
  }
  const folder = await ensureCached(`prometheus-${VERSION}`, async (temporary) => {
    log(`unpacking prometheus ${VERSION} from Debian`);
    await unpackDebianPackages('prometheus', PACKAGES, temporary);
  });
  const bin = join(folder, 'usr', 'bin');
  return { prometheus: join(bin, 'prometheus'), promtool: join(bin, 'promtool') };
}

async function onPath(): Promise<PrometheusTools | undefined> {
  const [prometheus, promtool] = await Promise.all([findOnPath('prometheus'), findOnPath('promtool')]);
  return prometheus !== undefined && promtool !== undefined ? { prometheus, promtool } : undefined;
}
