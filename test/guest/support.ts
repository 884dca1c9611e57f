import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { ensureTools } from '../../lab/tools/index.ts';

/** The folder of all that runs inside a probe. */
export const GUEST = join(import.meta.dirname, '../../guest');

/** The environment in which a probe's programs find the tools that its image brings. */
export async function guestEnvironment(): Promise<NodeJS.ProcessEnv> {
  const tools = await ensureTools(['jq', 'fping']);
  const folders = new Set(Object.values(tools).map(dirname));
  return { ...process.env, PATH: [...folders, process.env['PATH']].join(':') };
}

/** Why fping doesn't get through to this machine itself, and what to do about it; `undefined` where it does. */
export async function explainNoPing(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    await promisify(execFile)('fping', ['-c1', '127.0.0.1'], { env });
    return undefined;
  } catch {
    return 'this user may not ping; open net.ipv4.ping_group_range or give fping CAP_NET_RAW';
  }
}
