import { eventually } from '../support/await.ts';
import { ApiError } from '../scenario/api.ts';
import type { SeenHypervisor, SeenServer } from '../scenario/shapes.ts';
import { isOurs, OLD_REVISION, type TestedRegion } from './region.ts';

/** Hosts of a region that may lose their probes in one life; more would be held by the guard. */
const REMOVALS_MAX = 1;
const EMPTIED_WITHIN_MS = 3_000;

interface Scene {
  readonly region: TestedRegion;
  readonly hypervisors: readonly SeenHypervisor[];
  readonly servers: readonly SeenServer[];
  readonly probes: readonly SeenServer[];
}

/** One thing that operators or the cloud do to a region; gives the hosts, or nothing when it can't be done now. */
type Change = (scene: Scene) => Promise<string | readonly string[] | undefined>;

const CHANGES: Readonly<Record<string, Change>> = {
  'hypervisor added': ({ region }) => {
    const host = region.sim.addHypervisor();
    return Promise.resolve(host);
  },
  'hypervisor drained': async ({ region, hypervisors }) => {
    const host = pickHost(region, hypervisors.filter(isWell));
    if (host === undefined || region.removed.size >= REMOVALS_MAX) return undefined;
    region.removed.add(host);
    await region.observer.disable(host, 'MAINT');
    return host;
  },
  'hypervisor vanished': async ({ region, hypervisors, servers, probes }) => {
    const isEmptied = (host: string): boolean =>
      servers.every(
        (server) => server.host !== host || (!region.keepsDeleted && isOurs(server, region.name)),
      );
    const host = pickHost(
      region,
      hypervisors.filter((item) => isWell(item) && isEmptied(item.host)),
    );
    if (host === undefined || region.removed.size >= REMOVALS_MAX) return undefined;
    region.removed.add(host);
    region.touched.add(host);
    for (const { id } of probes.filter((probe) => probe.host === host))
      await isDone(() => region.observer.deleteServer(id));
    try {
      await eventually(
        () => {
          region.sim.removeHypervisor(host);
          return true;
        },
        { timeoutMs: EMPTIED_WITHIN_MS, describe: `${host} to be empty` },
      );
    } catch {
      // Deletions fail or last there: it stays, without its probe.
      return undefined;
    }
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
  'probe deleted by hand': harming(({ observer }, { id }) => observer.deleteServer(id)),
  'probe in ERROR': harming(({ observer }, { id }) => observer.resetToError(id)),
  'probe shut off': harming(({ observer }, { id }) => observer.stopServer(id)),
  'probe paused': harming(({ observer }, { id }) => observer.pauseServer(id)),
  'probe suspended': harming(({ observer }, { id }) => observer.suspendServer(id)),
  'probe without an address': harming(async ({ observer, unplugged }, { id }) => {
    unplugged.add(id);
    await observer.deletePorts(id);
  }),
  'probe that answers nobody': harming((region, { id }) => Promise.resolve(region.silenceGuest(id))),
  'probe live-migrated': harming(async (region, { id, host }, { hypervisors }) => {
    const others = hypervisors.filter((item) => isWell(item) && item.host !== host);
    const target = pickHost(region, others);
    if (target !== undefined) await region.observer.liveMigrate(id, target);
  }),
  'probes of an older revision': async ({ region, probes }) => {
    const hosts: string[] = [];
    const old = { innervisor_revision: OLD_REVISION };
    for (const { id, host } of probes.filter(isStanding))
      if (host !== null && (await isDone(() => region.observer.setMetadata(id, old)))) hosts.push(host);
    return hosts.length === 0 ? undefined : hosts;
  },
  'second probe made by hand': (scene) =>
    withProbe(scene, async (region, { id: beside, name, host, metadata, tags }) => {
      if (host === null) return;
      // It has none of a probe's user-data and so answers nobody; of an older revision, it is the worse one of the two.
      const marked = { ...metadata, innervisor_revision: OLD_REVISION };
      const { id } = await region.observer.createServer({ name, host, metadata: marked, tags });
      region.handMade.set(id, beside);
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
  const changed = await CHANGES[name]?.({ region, hypervisors, servers, probes });
  if (changed === undefined) return undefined;
  const hosts = [changed].flat();
  for (const host of hosts) region.touched.add(host);
  region.diary.push(`${name}: ${hosts.join(', ')}`);
  return name;
}

function isWell({ state, status }: SeenHypervisor): boolean {
  return state === 'up' && status === 'enabled';
}

function pickHost(region: TestedRegion, hypervisors: readonly SeenHypervisor[]): string | undefined {
  return hypervisors.length === 0 ? undefined : region.chance.pick(hypervisors).host;
}

/** A change that lets a probe be worse than it was. */
function harming(act: (region: TestedRegion, probe: SeenServer, scene: Scene) => Promise<void>): Change {
  return (scene) =>
    withProbe(scene, async (region, probe) => {
      await act(region, probe, scene);
      region.harmed.add(probe.id);
    });
}

async function withProbe(
  { region, probes }: Scene,
  act: (region: TestedRegion, probe: SeenServer) => Promise<void>,
): Promise<string | undefined> {
  const standing = probes.filter(isStanding);
  if (standing.length === 0) return undefined;
  const probe = region.chance.pick(standing);
  return (await isDone(() => act(region, probe))) ? (probe.host ?? undefined) : undefined;
}

function isStanding({ status, taskState }: SeenServer): boolean {
  return status === 'ACTIVE' && taskState === null;
}

/** A pass that was interrupted may still be deleting a server, and a dead host answers with a conflict. */
async function isDone(act: () => Promise<void>): Promise<boolean> {
  try {
    await act();
    return true;
  } catch (error) {
    if (error instanceof ApiError && [400, 404, 409].includes(error.status)) return false;
    throw error;
  }
}

async function addForeign(
  region: TestedRegion,
  wanted: Parameters<TestedRegion['observer']['createServer']>[0],
): Promise<void> {
  const server = await region.observer.createServer(wanted);
  region.foreign.set(server.id, server);
}
