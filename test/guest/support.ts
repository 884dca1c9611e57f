import { dirname, join } from 'node:path';

import { ensureTools } from '../../lab/tools/index.ts';

/** The folder of all that runs inside a probe. */
export const GUEST = join(import.meta.dirname, '../../guest');

/** The environment in which a probe's programs find the tools that its image brings. */
export async function guestEnvironment(): Promise<NodeJS.ProcessEnv> {
  const tools = await ensureTools(['jq', 'fping']);
  const folders = new Set(Object.values(tools).map(dirname));
  return { ...process.env, PATH: [...folders, process.env['PATH']].join(':') };
}
