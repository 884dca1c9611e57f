import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ensureTools } from '../tools/ensureTools.ts';
import { launch, type Launched, type Placement } from './launch.ts';
import { freePorts } from './port.ts';
import { answersHttp } from './readiness.ts';

const CONFIG = 'route: { receiver: nobody }\nreceivers: [{ name: nobody }]\n';

/** Options of {@link startAlertmanager}. */
export interface AlertmanagerOptions {
  readonly placement?: Placement;
  /** The whole configuration as YAML; by default one receiver that does nothing. */
  readonly config?: string;
  /** Ports on which the members of its cluster gossip, its own first; alone in its cluster by default. */
  readonly gossipPorts?: readonly [own: number, ...others: readonly number[]];
}

/** A running Alertmanager. */
export interface AlertmanagerServer extends Omit<Launched, 'ports'> {
  readonly configPath: string;
}

/** Starts Alertmanager. It counts no requests to its API v2 (0.25), so the handle can't either. */
export async function startAlertmanager({
  config = CONFIG,
  placement = {},
  gossipPorts,
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
        ...clusterFlags(gossipPorts),
      ];
    },
    isReady: ([port]) => answersHttp(`http://127.0.0.1:${port}/-/ready`),
  });
  return { ...server, configPath: join(server.dir, 'alertmanager.yml') };
}

/** Starts two Alertmanagers of one cluster. Either may crash and come back. */
export async function startAlertmanagerPair(): Promise<readonly [AlertmanagerServer, AlertmanagerServer]> {
  const [one = 0, two = 0] = await freePorts(2);
  const settled = await Promise.allSettled([
    startAlertmanager({ gossipPorts: [one, two] }),
    startAlertmanager({ gossipPorts: [two, one] }),
  ]);
  const failed = settled.find((outcome) => outcome.status === 'rejected');
  const members = settled.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
  const [first, second] = members;
  if (first !== undefined && second !== undefined) return [first, second];
  await Promise.all(members.map((member) => member.stop()));
  throw failed?.reason;
}

function clusterFlags(ports: AlertmanagerOptions['gossipPorts']): readonly string[] {
  if (ports === undefined) return ['--cluster.listen-address='];
  const [own, ...others] = ports;
  return [
    `--cluster.listen-address=127.0.0.1:${own}`,
    ...others.map((port) => `--cluster.peer=127.0.0.1:${port}`),
    // What takes a minute or ten seconds by default would be all that a test waits for.
    ...['pushpull', 'reconnect'].map((what) => `--cluster.${what}-interval=1s`),
  ];
}
