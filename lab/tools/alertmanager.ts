import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ensureCached } from './cache.ts';
import { findOnPath } from './command.ts';
import { installDebianPackages, isRoot, unpackDebianPackages } from './debian.ts';
import type { Log } from './tool.ts';

const VERSION = '0.25';
const PACKAGES = [`prometheus-alertmanager=${VERSION}*`];

/**
 * Debian's Alertmanager reads its default template from `/usr/share/prometheus`, wherever its binary stands.
 * So an unpacked one is started in a mount namespace of its own, in which the unpacked `/usr/share` lies over
 * the machine's. Everything is `exec`, so that the process keeps its id; `setpriv` comes last because
 * entering the namespace forgets what `setpriv` asked for outside.
 */
const WRAPPER = `#!/bin/sh
root=$(cd "$(dirname "$0")" && pwd)
exec unshare -Urm sh -c '
  mount -t overlay overlay -o "lowerdir=$0/usr/share:/usr/share" /usr/share &&
    exec setpriv --pdeathsig KILL "$0/usr/bin/prometheus-alertmanager" "$@"
' "$root" "$@"
`;

/** Paths of Alertmanager and its tool. */
export interface AlertmanagerTools {
  readonly alertmanager: string;
  readonly amtool: string;
}

/** Finds or fetches Alertmanager and amtool. */
export async function ensureAlertmanager(log: Log): Promise<AlertmanagerTools> {
  const own = await onPath();
  if (own !== undefined) return own;
  if (isRoot()) {
    log(`installing alertmanager ${VERSION} from Debian`);
    await installDebianPackages('alertmanager', PACKAGES);
    const installed = await onPath();
    if (installed !== undefined) return installed;
  }
  const folder = await ensureCached(`alertmanager-${VERSION}`, async (temporary) => {
    log(`unpacking alertmanager ${VERSION} from Debian`);
    await unpackDebianPackages('alertmanager', PACKAGES, temporary);
    await writeFile(join(temporary, 'alertmanager'), WRAPPER, { mode: 0o755 });
  });
  return { alertmanager: join(folder, 'alertmanager'), amtool: join(folder, 'usr', 'bin', 'amtool') };
}

async function onPath(): Promise<AlertmanagerTools | undefined> {
  const [alertmanager, amtool] = await Promise.all([
    findOnPath('alertmanager', 'prometheus-alertmanager'),
    findOnPath('amtool'),
  ]);
  return alertmanager !== undefined && amtool !== undefined ? { alertmanager, amtool } : undefined;
}
