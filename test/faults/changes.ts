import { ApiError } from '../scenario/api.ts';
import type { SeenHypervisor, SeenServer } from '../scenario/shapes.ts';
import { isOurs, type TestedRegion } from './region.ts';

/** Hosts of a region that may lose their probes in one life; more would be held by the guard. */
const REMOVALS_MAX = 1;

interface Scene {
  readonly region: TestedRegion;
  readonly hypervisors: readonly SeenHypervisor[];
  readonly probes: readonly SeenServer[];
}

/** One thing that operators or the cloud do to a region; gives what it was, or nothing when it can't be done now. */
type Change = (scene: Scene) => Promise<string | undefined>;

const CHANGES: Readonly<Record<string, Change>> = {
  'hypervisor added': ({ region }) => {
    const host = region.sim.addHypervisor();
    return Promise.resolve(host);
  },
  'hypervisor drained': async ({ region, hypervisors }) => {
    const drained = hypervisors.filter(({ disabledReason }) => disabledReason === 'MAINT');
    const host = pickHost(region, hypervisors.filter(isWell));
    if (host === undefined || drained.length >= REMOVALS_MAX) return undefined;
    await region.observer.disable(host, 'MAINT');
    return host;
  },
  'hypervisor disabled by Nova': ({ region, hypervisors }) => {
    const host = pickHost(region, hypervisors.filter(isWell));
    if (host !== undefined) region.sim.loseLibvirt(host);
    return Promise.resolve(host);
  },
  'hypervisor enabled': async ({ region, hypervisors }) => {
    const host = pickHost(
      region,
      hypervisors.filter(({ status }) => status === 'disabled'),
    );
    if (host !== undefined) await region.observer.enable(host);
    return host;
  },
  'compute service killed': ({ region, hypervisors }) => {
    const host = pickHost(region, hypervisors.filter(isWell));
    if (host !== undefined) region.sim.killCompute(host);
    return Promise.resolve(host);
  },
  'compute service revived': ({ region, hypervisors }) => {
    const host = pickHost(
      region,
      hypervisors.filter(({ state }) => state === 'down'),
    );
    if (host !== undefined) region.sim.reviveCompute(host);
    return Promise.resolve(host);
  },
  'probe deleted by hand': (scene) => withProbe(scene, ({ observer }, { id }) => observer.deleteServer(id)),
  'probe in ERROR': (scene) => withProbe(scene, ({ observer }, { id }) => observer.resetToError(id)),
  'probe shut off': (scene) => withProbe(scene, ({ observer }, { id }) => observer.stopServer(id)),
  'probe that answers nobody': (scene) =>
    withProbe(scene, (region, { id }) => Promise.resolve(region.silenceGuest(id))),
  'probe live-migrated': (scene) =>
    withProbe(scene, async (region, { id, host }) => {
      const others = scene.hypervisors.filter((item) => isWell(item) && item.host !== host);
      const target = pickHost(region, others);
      if (target !== undefined) await region.observer.liveMigrate(id, target);
    }),
  'foreign server with a name like ours': async ({ region, hypervisors }) => {
    const host = pickHost(region, hypervisors.filter(isWell));
    if (host === undefined) return undefined;
    const hex = String(region.chance.between(10_000_000, 99_999_999));
    await addForeign(region, { name: `probe-${host}-${hex}`, host });
    return host;
  },
  'probe of another installation': async ({ region, hypervisors, probes }) => {
    const twin = probes.find(({ host }) => host !== null);
    const host = pickHost(region, hypervisors.filter(isWell));
    if (host === undefined || twin === undefined) return undefined;
    const metadata = { ...twin.metadata, innervisor_installation: 'staging' };
    const tags = twin.tags.map((tag) => tag.replace('innervisor-test', 'innervisor-staging'));
    await addForeign(region, { name: twin.name, host, metadata, tags });
    return host;
  },
};

/** Does one change that is drawn; gives its name, or nothing when it isn't possible now. */
export async function changeRegion(region: TestedRegion): Promise<string | undefined> {
  const [hypervisors, servers] = await Promise.all([
    region.observer.listHypervisors(),
    region.observer.listServers(),
  ]);
  const name = region.chance.pick(Object.keys(CHANGES));
  const probes = servers.filter((server) => isOurs(server, region.name));
  const host = await CHANGES[name]?.({ region, hypervisors, probes });
  if (host === undefined) return undefined;
  region.touched.add(host);
  region.diary.push(`${name}: ${host}`);
  return name;
}

function isWell({ state, status }: SeenHypervisor): boolean {
  return state === 'up' && status === 'enabled';
}

function pickHost(region: TestedRegion, hypervisors: readonly SeenHypervisor[]): string | undefined {
  return hypervisors.length === 0 ? undefined : region.chance.pick(hypervisors).host;
}

async function withProbe(
  { region, probes }: Scene,
  act: (region: TestedRegion, probe: SeenServer) => Promise<void>,
): Promise<string | undefined> {
  const standing = probes.filter(({ status, taskState }) => status === 'ACTIVE' && taskState === null);
  if (standing.length === 0) return undefined;
  const probe = region.chance.pick(standing);
  try {
    await act(region, probe);
  } catch (error) {
    // A pass that was interrupted may still be deleting it, and a dead host answers with a conflict.
    if (error instanceof ApiError && [400, 404, 409].includes(error.status)) return undefined;
    throw error;
  }
  return probe.host ?? undefined;
}

async function addForeign(
  region: TestedRegion,
  wanted: Parameters<TestedRegion['observer']['createServer']>[0],
): Promise<void> {
  const server = await region.observer.createServer(wanted);
  region.foreign.set(server.id, server);
}
