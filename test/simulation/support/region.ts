import { join } from 'node:path';

import {
  startOpenstackSim,
  type LoggedRequest,
  type OpenstackSim,
  type OpenstackSimOptions,
} from '../../../lab/openstack-sim/index.ts';
import type { RegionDeps } from '../../../src/activities/deps.ts';
import { createActivities, type Activities } from '../../../src/activities/index.ts';
import type { ListedInventory } from '../../../src/activities/listInventory.ts';
import type { PlannedChanges } from '../../../src/activities/planChanges.ts';
import type { SelectedHypervisors } from '../../../src/activities/selectHypervisors.ts';
import { createObjectStore, type ObjectStore } from '../../../src/objectstore/client.ts';
import { createOpenStackClient } from '../../../src/openstack/client.ts';
import {
  alertmanagerAt,
  INPUT,
  INSTALLATION,
  prometheusAt,
  publicationAt,
  REGION,
  run,
  SETTINGS,
  whole,
  type Servers,
} from '../../contract/steps/world.ts';
import { proberCredentials } from './sim.ts';

const TIMEOUT_MS = 10_000;
const QUICK = { deletingMs: 20, deletedShownMs: 20 };

/** A region on a simulated cloud, with the real servers around it and the product's own steps. */
export interface Region {
  readonly sim: OpenstackSim;
  readonly store: ObjectStore;
  readonly deps: RegionDeps;
  /** The steps as a worker has them, with some of the dependencies replaced. */
  readonly activities: (changes?: Partial<RegionDeps>) => Activities;
  /** Service hosts of all servers in the cloud, one for each, sorted. */
  readonly serverHosts: () => Promise<readonly (string | null)[]>;
  /** What asked the cloud for a change, since its start. */
  readonly writes: () => readonly LoggedRequest[];
  /** How often Keystone was asked for a token. */
  readonly tokens: () => number;
  /** What the region's bucket holds. */
  readonly objects: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

let regions = 0;

/** Makes a region in which nothing has been made yet. Builds take 60 ms, unless the clock is manual. */
export async function startRegion(
  { s3, prometheus, alertmanager }: Servers,
  options: OpenstackSimOptions = {},
  requestTimeoutMs = TIMEOUT_MS,
): Promise<Region> {
  const bucket = `region-${++regions}`;
  await s3.createBucket(bucket, { publicReadPrefix: 'peers/' });
  const sim = await startOpenstackSim({ bootMs: 60, durations: QUICK, ...options });
  const { endpoint, region, accessKeyId, secretAccessKey } = s3;
  const credentials = { accessKeyId, secretAccessKey };
  const store = createObjectStore({ bucket, endpoint, region, requestTimeoutMs: TIMEOUT_MS, credentials });
  const openstack = createOpenStackClient({
    credentials: proberCredentials(sim),
    interface: 'public',
    concurrency: 4,
    requestsPerSecond: 1_000,
    requestTimeoutMs,
  });
  const deps: RegionDeps = {
    ...SETTINGS,
    probe: { ...SETTINGS.probe, flavor: 'probe', networks: ['probe-net'] },
    openstack,
    prometheus: prometheusAt(prometheus.url),
    publication: publicationAt(prometheus.url, join(prometheus.targetsDir, `${bucket}.json`)),
    alertmanager: alertmanagerAt(alertmanager.url),
    peersStore: store,
    peersUrl: `${endpoint}/${bucket}/${SETTINGS.peersKey}`,
    artifacts: store,
  };
  const isToken = ({ service }: LoggedRequest): boolean => service === 'keystone';
  const posts = (): readonly LoggedRequest[] =>
    sim.requests.since(0).filter(({ method }) => method !== 'GET');
  return {
    sim,
    store,
    deps,
    activities: (changes = {}) =>
      createActivities({
        installation: INSTALLATION,
        regions: new Map([[REGION, { ...deps, ...changes }]]),
        elsewhere: new Map(),
        now: Date.now,
      }),
    serverHosts: async () => (await openstack.compute.listServers({})).map(({ host }) => host).toSorted(),
    writes: () => posts().filter((request) => !isToken(request)),
    tokens: () => posts().filter(isToken).length,
    objects: async () => (await store.listObjects('', { max: 1_000 })).map(({ key }) => key),
    close: async () => {
      store.close();
      await sim.stop();
    },
  };
}

/** What the steps that change nothing have found. */
export interface Planned {
  readonly listed: ListedInventory;
  readonly selected: SelectedHypervisors;
  readonly planned: PlannedChanges;
}

/** Lists, selects and plans, as a pass begins. */
export async function plan({ listInventory, selectHypervisors, planChanges }: Activities): Promise<Planned> {
  const listed = whole(await run(listInventory, INPUT));
  const { inventory } = listed;
  const selected = await run(selectHypervisors, { ...INPUT, inventory });
  const { selection } = selected;
  return { listed, selected, planned: await run(planChanges, { ...INPUT, inventory, selection }) };
}

/** Asks for all the probes of a plan, in one slice; doesn't wait for them. */
export async function create(steps: Activities, { planned }: Planned) {
  const { plan: ref, counts } = planned;
  const spec = await run(steps.prepareCreation, { ...INPUT, plan: ref });
  const to = counts.create + counts.replace;
  return await run(steps.createProbes, { ...INPUT, plan: ref, spec, from: 0, to });
}

/** Waits for the probes of a plan until each stands or, if its time is over already, has failed. */
export async function awaitAll(steps: Activities, { planned }: Planned, sinceMs = Date.now()) {
  return await run(steps.awaitProbes, { ...INPUT, plan: planned.plan, refused: [], sinceMs });
}

/** A probe on each hypervisor, standing. */
export async function populate(region: Region): Promise<void> {
  const steps = region.activities();
  const found = await plan(steps);
  await create(steps, found);
  const { failures } = await awaitAll(steps, found);
  if (failures.length > 0) throw new Error(`not all probes stand: ${JSON.stringify(failures)}`);
}
