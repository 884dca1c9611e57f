import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../../../lab/tools/cache.ts';
import { ensureTools } from '../../../lab/tools/index.ts';
import { findTemporalServer } from '../../../lab/tools/temporalServer.ts';
import { findTemporalUi } from '../../../lab/tools/temporalUi.ts';
import { findWatcher } from '../../../lab/tools/watchers.ts';
import { readStage } from '../dockerfile.ts';
import { DEVELOPMENT_MODULES, NODE, type Built } from './build.ts';
import type { Mount } from './container.ts';

const POSTGRES = '/usr/lib/postgresql';
const NOBODY = '65534:65534';
const DATABASE = '/var/lib/postgresql/data';

/** What stands for an image: the same program, if not always in the same version, and how the image starts it. */
export interface Image {
  /** Numbers of user and group. */
  readonly user: string;
  readonly workdir?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command?: readonly string[];
  readonly mounts: readonly Mount[];
  /** A folder that it has and that belongs to its user. */
  readonly ownFolder?: string;
  /** What is still done inside, as root. */
  readonly setup?: string;
}

/** What PostgreSQL's image does before it starts the server, without waiting for the disk. */
const START_POSTGRES = `
printf %s "$POSTGRES_PASSWORD" >/tmp/password
initdb --no-sync --username "$POSTGRES_USER" --pwfile /tmp/password --auth scram-sha-256
echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
echo "create database $POSTGRES_USER" | postgres --single -D "$PGDATA" postgres
exec postgres -c "listen_addresses=*" -c unix_socket_directories=/tmp -c fsync=off`;

/** Images by name, without those of servers that can't be had here, which is Grafana, or aren't built yet. */
export async function describeImages(built: Built): Promise<Readonly<Record<string, Image>>> {
  const tools = await ensureTools([
    'busybox',
    'nc.traditional',
    'versitygw',
    'temporal',
    'prometheus',
    'alertmanager',
  ]);
  const wget = program('wget', tools.busybox);
  return {
    ...(await describeTemporal(tools)),
    ...(await describeTemporalUi()),
    'versity/versitygw': {
      user: '0:0',
      entrypoint: ['versitygw'],
      mounts: [program('versitygw', tools.versitygw), wget],
    },
    'curlimages/curl': { user: '100:101', entrypoint: ['curl'], mounts: [] },
    'prom/prometheus': {
      user: NOBODY,
      ownFolder: '/prometheus',
      entrypoint: ['prometheus'],
      mounts: [program('prometheus', (await findWatcher('prometheus')) ?? tools.prometheus), wget],
    },
    'prom/alertmanager': {
      user: NOBODY,
      ownFolder: '/alertmanager',
      entrypoint: ['alertmanager'],
      mounts: [program('alertmanager', (await findWatcher('alertmanager')) ?? tools.alertmanager), wget],
    },
    innervisor: await describeInnervisor(built),
    'innervisor-lab': {
      user: '0:0',
      workdir: '/build',
      entrypoint: [],
      command: (await readStage('lab')).words('CMD'),
      mounts: [{ source: built.build, target: '/build', readOnly: false }, DEVELOPMENT_MODULES, NODE],
    },
  };
}

async function describeInnervisor({ innervisor }: Built): Promise<Image> {
  const stage = await readStage('innervisor');
  const [workdir = ''] = stage.all('WORKDIR');
  return {
    user: '1000:1000',
    workdir,
    environment: Object.fromEntries(stage.all('ENV').map((line) => line.split('=') as [string, string])),
    entrypoint: stage.words('ENTRYPOINT'),
    command: stage.words('CMD'),
    mounts: [{ source: innervisor, target: workdir, readOnly: false }, NODE],
    setup: stage
      .all('RUN')
      .filter((line) => !line.startsWith('apt-get'))
      .join('\n'),
  };
}

/** The server that clusters run with its database, or the development server where the other one isn't built. */
async function describeTemporal(
  tools: Readonly<Record<'busybox' | 'nc.traditional' | 'temporal', string>>,
): Promise<Readonly<Record<string, Image>>> {
  const [cli, nc] = [program('temporal', tools.temporal), program('nc', tools['nc.traditional'])];
  const found = await findTemporalServer();
  const postgres = await findPostgres();
  if (found === undefined || postgres === undefined) {
    const [start, metrics] = ['server start-dev --headless --ip 0.0.0.0', '--metrics-port 8000'];
    return {
      'temporalio/server': {
        user: '1000:1000',
        entrypoint: ['temporal', ...start.split(' '), ...metrics.split(' ')],
        mounts: [cli, nc],
      },
      'temporalio/admin-tools': { user: '1000:1000', entrypoint: [], mounts: [cli] },
    };
  }
  const schema = { source: found.schema, target: '/etc/temporal/schema', readOnly: true };
  const entrypoint = { source: found.entrypoint, target: '/etc/temporal/entrypoint.sh', readOnly: true };
  return {
    postgres: {
      user: '999:999',
      ownFolder: DATABASE,
      environment: { PGDATA: DATABASE, PATH: `/usr/local/bin:${postgres}:/usr/bin:/bin` },
      entrypoint: ['sh', '-euc', START_POSTGRES],
      mounts: [],
    },
    'temporalio/server': {
      user: '1000:1000',
      workdir: '/etc/temporal',
      // Alpine's shell, which is the only one that the script is for.
      entrypoint: ['busybox', 'sh', '/etc/temporal/entrypoint.sh'],
      mounts: [program('temporal-server', found.server), program('busybox', tools.busybox), entrypoint, nc],
    },
    'temporalio/admin-tools': {
      user: '1000:1000',
      entrypoint: [],
      mounts: [cli, program('temporal-sql-tool', found.sqlTool), schema],
    },
  };
}

/** The Web UI, where it is built. */
async function describeTemporalUi(): Promise<Readonly<Record<string, Image>>> {
  const found = await findTemporalUi();
  if (found === undefined) return {};
  const workdir = '/home/ui-server';
  const own = (source: string, path: string): Mount => ({
    source,
    target: `${workdir}/${path}`,
    readOnly: true,
  });
  const entrypoint = './start-ui-server.sh';
  return {
    'temporalio/ui': {
      user: '1000:1000',
      workdir,
      entrypoint: [entrypoint],
      mounts: [
        own(found.server, 'ui-server'),
        own(found.entrypoint, entrypoint),
        own(found.config, 'config/docker.yaml'),
      ],
    },
  };
}

/** Folder of PostgreSQL's programs, where its server is installed. */
async function findPostgres(): Promise<string | undefined> {
  const folders = (await exists(POSTGRES)) ? await readdir(POSTGRES) : [];
  const newestFirst = folders.toSorted((one, other) => Number(other) - Number(one));
  for (const folder of newestFirst.map((version) => join(POSTGRES, version, 'bin')))
    if (await exists(join(folder, 'initdb'))) return folder;
  return undefined;
}

function program(name: string, source: string): Mount {
  return { source, target: `/usr/local/bin/${name}`, readOnly: true };
}
