import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parse, stringify } from 'yaml';

import type { PrometheusServer } from '../../../lab/servers/index.ts';
import { createFilePublisher } from '../../../src/activities/publication/file.ts';
import type { TargetsPublisher } from '../../../src/activities/publication/publisher.ts';
import type { Publication, Replica } from '../../../src/activities/publication/replicas.ts';
import type { PublishedTargets } from '../../../src/activities/publishTargets.ts';
import { computeTargets, type TargetGroup, type TargetOwner } from '../../../src/domain/target.ts';
import { INPUT, INSTALLATION, prometheusAt, run, SETTINGS, type World } from './world.ts';

/** A region of one test, so that tests that share a Prometheus don't see each other's targets. */
export interface PublishedRegion {
  readonly owner: TargetOwner;
  /** The file that a Prometheus reads for this region. */
  readonly pathAt: (server: PrometheusServer) => string;
  /** A Prometheus with the file that it reads. */
  readonly replica: (server: PrometheusServer, publisher?: TargetsPublisher) => Replica;
  /** Targets of these probes, on two exporters each. */
  readonly groups: (
    probeIds: readonly string[],
    labels?: Readonly<Record<string, string>>,
  ) => readonly TargetGroup[];
  /** Runs the step. */
  readonly publish: (
    groups: readonly TargetGroup[],
    publication: Partial<Publication> & Pick<Publication, 'replicas'>,
    targetsMs?: number,
  ) => Promise<PublishedTargets>;
  /** The probes of which a Prometheus has targets, sorted. */
  readonly discovered: (server: PrometheusServer) => Promise<readonly string[]>;
}

let regions = 0;

/** Makes one in which nothing is published yet. */
export function createPublishedRegion(world: World): PublishedRegion {
  const owner = { installation: INSTALLATION, region: `published-${++regions}` };
  const pathAt = (server: PrometheusServer): string => join(server.targetsDir, `${owner.region}.json`);
  return {
    owner,
    pathAt,
    replica: (server, publisher = createFilePublisher(pathAt(server), owner)) => ({
      name: new URL(server.url).host,
      prometheus: prometheusAt(server.url),
      publisher,
    }),
    groups: (probeIds, labels = {}) =>
      computeTargets(rosterOf(probeIds), { ...owner, ports: PORTS, labels }, INSTALLATION),
    publish: async (groups, publication, targetsMs = 60_000) => {
      const { publishTargets } = world.activities({
        region: owner.region,
        publication: { required: 'all', reload: false, ...publication },
        wait: { ...SETTINGS.wait, targetsMs },
      });
      return await run(publishTargets, { ...INPUT, targets: await world.artifact('targets', groups) });
    },
    discovered: async (server) => {
      const targets = await prometheusAt(server.url).listActiveTargets();
      const own = targets.filter(({ labels }) => labels['region'] === owner.region);
      return [...new Set(own.map(({ labels }) => labels['probe_id'] ?? ''))].toSorted();
    },
  };
}

/** Nothing listens there; what is tried here is discovery. */
const PORTS = { node: 9, ping: 10 };

function rosterOf(probeIds: readonly string[]) {
  return probeIds.map((probeId) => ({
    probeId,
    serverId: probeId,
    name: `probe-${probeId}`,
    address: `127.0.1.${Number.parseInt(probeId, 16) % 250}`,
    hypervisor: 'cmp001.lab.example',
    madeFor: 'cmp001.lab.example',
    availabilityZone: null,
    displaced: false,
  }));
}

/** Adds a job to a Prometheus' configuration, and has it read that. */
export async function addJob(server: PrometheusServer, job: object): Promise<void> {
  const config = parse(await readFile(server.configPath, 'utf8')) as { scrape_configs: object[] };
  config.scrape_configs.push(job);
  await writeFile(server.configPath, stringify(config));
  await server.reload();
}
