import { join } from 'node:path';

import { ensureCached } from './cache.ts';
import { findOnPath } from './command.ts';
import { installDebianPackages, isRoot, unpackDebianPackages } from './debian.ts';
import type { Log } from './tool.ts';

/** An exporter that Debian packages under the name of its program; the lab holds its guests to it. */
interface Exporter {
  readonly program: string;
  readonly version: string;
}

const NODE_EXPORTER: Exporter = { program: 'prometheus-node-exporter', version: '1.5' };
const SMOKEPING_PROBER: Exporter = { program: 'prometheus-smokeping-prober', version: '0.6.1' };

/** Finds or fetches the node exporter. */
export function ensureNodeExporter(log: Log): Promise<string> {
  return ensureExporter(NODE_EXPORTER, log);
}

/** Finds or fetches the exporter that pings. */
export function ensureSmokepingProber(log: Log): Promise<string> {
  return ensureExporter(SMOKEPING_PROBER, log);
}

async function ensureExporter({ program, version }: Exporter, log: Log): Promise<string> {
  const packages = [`${program}=${version}*`];
  const own = await findOnPath(program);
  if (own !== undefined) return own;
  if (isRoot()) {
    log(`installing ${program} ${version} from Debian`);
    await installDebianPackages(program, packages);
    const installed = await findOnPath(program);
    if (installed !== undefined) return installed;
  }
  const folder = await ensureCached(`${program}-${version}`, async (temporary) => {
    log(`unpacking ${program} ${version} from Debian`);
    await unpackDebianPackages(program, packages, temporary);
  });
  return join(folder, 'usr', 'bin', program);
}
