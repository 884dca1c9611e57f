import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ensureTools } from '../tools/ensureTools.ts';
import { launch, type Placement, type RunningServer } from './launch.ts';
import { answersHttp } from './readiness.ts';

const CONFIG = 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n';

/** Options of {@link startAlertmanager}. */
export interface AlertmanagerOptions {
  readonly placement?: Placement;
  /** The whole configuration as YAML; by default one receiver that does nothing. */
  readonly config?: string;
}

/** An Alertmanager, alone in its cluster. */
export interface AlertmanagerServer extends RunningServer {
  readonly configPath: string;
}

/** Starts Alertmanager. It counts no requests to its API v2 (0.25), so the handle can't either. */
export async function startAlertmanager({
  config = CONFIG,
  placement = {},
}: AlertmanagerOptions = {}): Promise<AlertmanagerServer> {
  const { alertmanager } = await ensureTools(['alertmanager']);
  const { ports: _ports, ...server } = await launch({
    name: 'alertmanager',
    binary: alertmanager,
    portsCount: 1,
    placement,
    prepare: async (dir, [port]) => {
      await writeFile(join(dir, 'alertmanager.yml'), config);
      return [
        `--config.file=${join(dir, 'alertmanager.yml')}`,
        `--storage.path=${join(dir, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
      ];
    },
    isReady: ([port]) => answersHttp(`http://127.0.0.1:${port}/-/ready`),
  });
  return { ...server, configPath: join(server.dir, 'alertmanager.yml') };
}
