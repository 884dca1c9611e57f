import type { StandingServer } from '../../lab/openstack-sim/index.ts';
import type { SeenHypervisor, SeenServer } from '../scenario/shapes.ts';
import type { Outside } from './outside.ts';
import { isOurs, OLD_REVISION, type TestedRegion } from './region.ts';

/**
 * What is wrong with a region, seen from outside; nothing when it is as it should be.
 *
 * @param paused - hypervisors on which creations failed again and again, so that nothing is made there now.
 */
export async function findWrong(
  region: TestedRegion,
  outside: Outside,
  paused: readonly string[] = [],
): Promise<readonly string[]> {
  const [hypervisors, servers] = await Promise.all([
    region.observer.listHypervisors(),
    region.observer.listServers(),
  ]);
  const probes = servers.filter((server) => isOurs(server, region.name));
  return [
    ...hypervisors
      .filter(({ name }) => !paused.includes(name))
      .flatMap((hypervisor) => findWrongProbes(hypervisor, region, inReach(probes, hypervisors), servers)),
    ...findDuplicates(region, hypervisors, probes),
    ...findTwins(region, probes),
    ...findLeftBehind(hypervisors, probes),
    ...findWrongForeign(region, servers),
    ...(await findWrongDocuments(region, hypervisors, probes, outside)),
    ...(await findWrongSilences(probes, outside)),
  ];
}

/**
 * What is doubled when a pass has ended, in what the cloud really has: lists leave out a cell that doesn't answer. No probe
 * may be, however the pass ended.
 *
 * @param isSingle - whether no hypervisor may have two of them either; one that was interrupted may leave a successor.
 * @param knownMs - given where lists don't show all: since when the region itself knew of a server, by id. Only what was made
 * beside one that it knew by then counts as a twin.
 */
export function findDoubled(
  region: TestedRegion,
  isSingle: boolean,
  knownMs?: ReadonlyMap<string, number>,
): readonly string[] {
  const { sim } = region;
  const hypervisors = sim.hosts().map((host) => {
    return { host, name: sim.hypervisorOf(host), state: sim.isUp(host) ? 'up' : 'down' };
  });
  const probes = sim.servers().filter((server) => isOurs(server, region.name));
  return [
    ...findTwins(region, probes, knownMs === undefined ? undefined : (twins) => wereUnknown(twins, knownMs)),
    ...(isSingle ? findDuplicates(region, hypervisors, probes) : []),
  ];
}

type Standing = Omit<StandingServer, 'createdMs'>;

/** Two servers of one probe: its create was repeated blindly. */
function findTwins<Server extends Standing>(
  { handMade }: TestedRegion,
  probes: readonly Server[],
  isExcused: (twins: readonly Server[]) => boolean = () => false,
): readonly string[] {
  const made = probes.filter((probe) => isStaying(probe) && !handMade.has(probe.id));
  return [...Map.groupBy(made, ({ metadata }) => metadata['innervisor_probe'] ?? '')]
    .filter(([, twins]) => twins.length > 1 && !isExcused(twins))
    .map(([probeId, twins]) => `probe ${probeId} was made ${twins.length} times`);
}

/** Whether the region knew of none of them when the last one was made. */
function wereUnknown(twins: readonly StandingServer[], knownMs: ReadonlyMap<string, number>): boolean {
  const lastMs = Math.max(...twins.map(({ createdMs }) => createdMs));
  return twins.every(({ id, createdMs }) => createdMs === lastMs || (knownMs.get(id) ?? Infinity) > lastMs);
}

/**
 * Nothing is touched on a host that is down: one that went down during a replacement keeps the old probe and the new one,
 * beside any that was made by hand.
 */
function findDuplicates(
  { handMade }: TestedRegion,
  hypervisors: readonly Pick<SeenHypervisor, 'name' | 'host' | 'state'>[],
  probes: readonly Standing[],
): readonly string[] {
  return hypervisors.flatMap(({ name, host, state }) => {
    const all = inReach(probes, hypervisors).filter(
      (probe) => isStaying(probe) && probe.metadata['innervisor_hypervisor'] === name,
    );
    const own = state === 'down' ? all.filter(({ id }) => !handMade.has(id)) : all;
    return own.length > (state === 'down' ? 2 : 1) ? [`${host} has ${own.length} probes`] : [];
  });
}

/** Without those that run on another hypervisor than their own, if that one is down: they stay, and others are made. */
function inReach<Server extends Pick<StandingServer, 'host' | 'metadata'>>(
  probes: readonly Server[],
  hypervisors: readonly Pick<SeenHypervisor, 'name' | 'host' | 'state'>[],
): readonly Server[] {
  const down = new Map(
    hypervisors.filter(({ state }) => state === 'down').map(({ host, name }) => [host, name]),
  );
  return probes.filter(({ host, metadata }) => {
    const where = down.get(host ?? '');
    return where === undefined || where === metadata['innervisor_hypervisor'];
  });
}

function isStaying({ status, taskState }: Standing): boolean {
  return (
    !['deleting', 'soft-deleting'].includes(taskState ?? '') &&
    status !== 'DELETED' &&
    status !== 'SOFT_DELETED'
  );
}

function findLeftBehind(
  hypervisors: readonly SeenHypervisor[],
  probes: readonly SeenServer[],
): readonly string[] {
  const names = new Set(hypervisors.map(({ name }) => name));
  return probes
    .filter(({ metadata }) => !names.has(metadata['innervisor_hypervisor'] ?? ''))
    .map(({ name }) => `probe ${name} is of a hypervisor that doesn't exist`);
}

/**
 * Whether a probe that was made by hand may have taken the place of the one beside which it was made, which was worse still.
 * It answers nobody, and so is rebooted once before it is replaced.
 */
export function mayStay({ handMade, harmed }: TestedRegion, serverId: string): boolean {
  return harmed.has(handMade.get(serverId) ?? '');
}

/** Which probes of ours answer nobody since something was done to them, where nothing has cured it. */
function findDeaf(
  { silenced, unplugged }: TestedRegion,
  probes: readonly SeenServer[],
): readonly SeenServer[] {
  return probes.filter(({ id, status }) => status === 'ACTIVE' && (silenced.has(id) || unplugged.has(id)));
}

/** Whether a probe is outdated and deaf, so that it is rebooted or waited for before it is replaced. */
export async function hasDeafOutdated(region: TestedRegion): Promise<boolean> {
  const servers = await region.observer.listServers();
  const probes = servers.filter((server) => isOurs(server, region.name));
  return findDeaf(region, probes).some(isOutdated);
}

function isOutdated({ metadata }: SeenServer): boolean {
  return metadata['innervisor_revision'] === OLD_REVISION;
}

function findWrongProbes(
  hypervisor: SeenHypervisor,
  region: TestedRegion,
  probes: readonly SeenServer[],
  servers: readonly SeenServer[],
): readonly string[] {
  const { name, host, state, status, disabledReason } = hypervisor;
  const own = probes.filter(({ metadata }) => metadata['innervisor_hypervisor'] === name);
  // What stands on a host that is down isn't touched, so there may be anything; duplicates are looked for everywhere.
  if (state === 'down' || own.length > 1) return [];
  const [probe] = own;
  if (status === 'disabled') {
    const isOccupied = servers.some((server) => server.host === host && server.id !== probe?.id);
    const mustBeEmpty = disabledReason === 'MAINT' && !isOccupied;
    return mustBeEmpty && probe !== undefined ? [`${host} is drained and has a probe`] : [];
  }
  if (probe === undefined) return [`${host} has no probe`];
  if (mayStay(region, probe.id)) return [];
  // While most are deaf it may be Prometheus that can't see, and these stay as they are.
  const deaf = findDeaf(region, probes);
  const isLeft = deaf.includes(probe) && 2 * deaf.length > probes.length;
  if (isOutdated(probe) && !isLeft) return [`${host} has a probe of an older revision`];
  const isWell = probe.status === 'ACTIVE' && probe.taskState === null && probe.host === host;
  return isWell ? [] : [`${host} has a probe that is ${probe.status} on ${probe.host ?? 'nothing'}`];
}

/** Which servers that aren't ours are gone or were changed. */
export function findWrongForeign(
  { foreign }: TestedRegion,
  servers: readonly SeenServer[],
): readonly string[] {
  return [...foreign.values()].flatMap(({ id, name, metadata, tags }) => {
    const now = servers.find((server) => server.id === id);
    if (now === undefined) return [`foreign server ${name} is gone`];
    const isSame =
      JSON.stringify([now.metadata, now.tags.toSorted()]) === JSON.stringify([metadata, tags.toSorted()]);
    return isSame ? [] : [`foreign server ${name} was changed`];
  });
}

/** One that lost its port keeps its last address in them until it is replaced; it is in none if it never had one there. */
async function findWrongDocuments(
  { unplugged }: TestedRegion,
  hypervisors: readonly SeenHypervisor[],
  probes: readonly SeenServer[],
  outside: Outside,
): Promise<readonly string[]> {
  const [document, groups, scraped] = await Promise.all([
    outside.peers(),
    outside.targetsFile(),
    outside.scraped(),
  ]);
  const peers = document?.peers ?? [];
  const wrong: string[] = [];
  for (const peer of peers) {
    const probe = probes.find(({ id }) => id === peer.server_id);
    if (probe === undefined) wrong.push(`peer ${peer.probe_id} is published and doesn't exist`);
    else if (!unplugged.has(probe.id) && !probe.addresses.includes(peer.address))
      wrong.push(`peer ${peer.probe_id} is published with the address ${peer.address}`);
  }
  const selected = new Set(
    hypervisors.filter(({ state, status }) => state === 'up' && status === 'enabled').map(({ host }) => host),
  );
  const watched = probes.filter(
    ({ id, host, addresses }) =>
      host !== null && selected.has(host) && !(unplugged.has(id) && addresses.length === 0),
  );
  for (const probe of watched) {
    if (!peers.some(({ server_id }) => server_id === probe.id))
      wrong.push(`probe ${probe.name} isn't in the peers document`);
    const own = scraped.filter((labels) => labels['probe_id'] === probe.metadata['innervisor_probe']);
    if (own.length !== 2) wrong.push(`probe ${probe.name} has ${own.length} targets at Prometheus`);
    for (const labels of own)
      if (labels['hypervisor'] !== probe.hypervisor)
        wrong.push(
          `a target of ${probe.name} says ${labels['hypervisor'] ?? ''}, not ${probe.hypervisor ?? ''}`,
        );
  }
  const written = (groups ?? []).flatMap(({ targets, labels }) =>
    targets.map((target) => `${target} ${labels['probe_id'] ?? ''}`),
  );
  const present = scraped.map((labels) => `${labels['__address__'] ?? ''} ${labels['probe_id'] ?? ''}`);
  if (written.toSorted().join() !== present.toSorted().join())
    wrong.push(`Prometheus scrapes ${present.length} targets, and ${written.length} are published`);
  return wrong;
}

async function findWrongSilences(
  probes: readonly SeenServer[],
  outside: Outside,
): Promise<readonly string[]> {
  const living = new Set(probes.map(({ metadata }) => metadata['innervisor_probe'] ?? ''));
  const active = (await outside.silences()).filter(({ status }) => status.state === 'active');
  return active
    .flatMap(({ matchers }) => matchers.flatMap(({ value }) => value.split('|')))
    .filter((probeId) => living.has(probeId))
    .map((probeId) => `probe ${probeId} lives and is silenced`);
}
