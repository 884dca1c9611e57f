import { PortRefused } from '../neutron/state.ts';
import { localDelete, terminate } from './deletion.ts';
import type { Host } from './hosts.ts';
import type { Server } from './servers.ts';
import { schedule, setState, type World } from './world.ts';

const NO_HOST = 'No valid host was found. ';
const NOT_ENOUGH = 'No valid host was found. There are not enough hosts available.';

/** Begins to build a server: scheduling, networking, spawning, ACTIVE. */
export function beginBuild(world: World, server: Server): void {
  schedule(world, server, world.settings.durations.schedulingMs, () => place(world, server));
}

/** Which host it gets, or why none. */
function choose(world: World, server: Server): Host | string {
  const { hosts } = world;
  const { pinning, flavor } = server;
  if (pinning.kind === 'none') {
    const fits = [...hosts.all.values()].filter(
      (host) =>
        !host.disabled &&
        hosts.isUp(host) &&
        hosts.hasRoom(host, flavor) &&
        (server.zone === '' || world.aggregates.zoneOfHost(host.name) === server.zone),
    );
    return fits[world.random.below(fits.length)] ?? NO_HOST;
  }
  const host = pinning.kind === 'forced' ? hosts.all.get(pinning.host) : pinning.host;
  if (
    host === undefined ||
    (pinning.kind === 'forced' && (pinning.node ?? host.hypervisor) !== host.hypervisor)
  ) {
    const { node = null } = pinning.kind === 'forced' ? pinning : {};
    const name = pinning.kind === 'forced' ? pinning.host : '';
    return `${NO_HOST}No such host - host: ${name} node: ${node ?? 'None'} `;
  }
  // Placement is asked first, and leaves out disabled hosts and full ones for both ways of pinning.
  if (host.disabled || !hosts.hasRoom(host, flavor)) return NO_HOST;
  if (pinning.kind === 'requested' && !hosts.isUp(host)) return NOT_ENOUGH;
  return host;
}

function place(world: World, server: Server): void {
  const host = choose(world, server);
  if (typeof host === 'string') {
    server.instanceName = world.servers.nextInstanceName('cell0');
    return fail(world, server, host);
  }
  server.instanceName = world.servers.nextInstanceName(host.cell);
  server.zone = world.aggregates.zoneOfHost(host.name);
  server.claimedBy = host;
  world.hosts.claim(host, server.id, server.flavor);
  setState(world, server, {});
  // Nobody takes the message: it stays in BUILD for ever.
  if (host.diedMs !== null) return;
  server.host = host;
  setState(world, server, { task: 'networking' });
  noteHost(server, host);
  schedule(world, server, world.settings.durations.networkingMs, () => connect(world, server, host));
}

function connect(world: World, server: Server, host: Host): void {
  if (host.diedMs !== null) return;
  const fault = { ...host.fault, ...server.ownFault };
  try {
    const groups = server.securityGroups.flatMap(
      (name) => world.network.group(name, server.projectId)?.id ?? [],
    );
    server.ports = server.networkIds.flatMap((id) => {
      const network = world.network.networks.get(id);
      if (network === undefined) return [];
      const port = world.network.addPort(network, server.projectId, { groups });
      world.network.changePort(port, { deviceId: server.id, deviceOwner: `compute:${server.zone}` });
      return [port];
    });
  } catch (error) {
    if (!(error instanceof PortRefused)) throw error;
    return giveUp(world, server);
  }
  const bindFails = fault.bind_fail !== undefined && fault.bind_fail !== false;
  for (const port of server.ports) {
    const bound = bindFails ? ({ vifType: 'binding_failed' } as const) : ({ vifType: 'ovs' } as const);
    world.network.changePort(port, { hostId: host.name, ...bound });
  }
  server.rootDevice = '/dev/sda';
  setState(world, server, { task: server.deleteAfterBuild ? 'deleting' : 'spawning' });
  if (bindFails) return giveUp(world, server);
  const delayMs = world.settings.durations.spawningMs + (fault.spawn_delay ?? 0) * 1_000;
  schedule(world, server, delayMs, () => spawn(world, server, host));
}

function spawn(world: World, server: Server, host: Host): void {
  // Dead: it stays as it is until the compute service comes back.
  if (host.diedMs !== null) return;
  const fault = { ...host.fault, ...server.ownFault };
  if (fault.build_abort !== undefined) {
    releasePorts(world, server);
    return fail(world, server, `Build of instance ${server.id} aborted: ${fault.build_abort}`);
  }
  if (fault.spawn_error !== undefined) return giveUp(world, server);
  for (const port of server.ports) world.network.changePort(port, { status: 'ACTIVE' });
  server.launchedMs = world.clock.now();
  server.addressesKnown = true;
  finishAction(world, server);
  setState(world, server, { vm: 'active', task: null, power: 1 });
  world.guests.boot(server);
  // The deletion that had to wait: for a moment the server looks healthy.
  if (server.deleteAfterBuild) {
    schedule(world, server, world.settings.durations.deletedShownMs, () => terminate(world, server));
  }
}

/** The host can't build it, and a pinned server has no other host to try. */
function giveUp(world: World, server: Server): void {
  fail(
    world,
    server,
    `Exceeded maximum number of retries. Exhausted all hosts available for retrying build failures for instance ${server.id}.`,
  );
}

function fail(world: World, server: Server, message: string): void {
  if (server.deleteAfterBuild) return localDelete(world, server);
  const details = `Traceback (most recent call last):\n  File "/usr/lib/python3/dist-packages/nova/conductor/manager.py", line 1587, in schedule_and_build_instances\n    host_lists = self._schedule_instances(context, request_specs[0],\nnova.exception.NovaException: ${message}\n`;
  server.fault = { message, details, atMs: world.clock.now() };
  if (server.claimedBy !== null) {
    world.hosts.release(server.claimedBy, server.id, server.flavor);
    server.claimedBy = null;
    server.host = null;
    // What is on no host is in no zone.
    server.zone = '';
  }
  finishAction(world, server);
  setState(world, server, { vm: 'error', task: null, power: 0 });
}

/** Ends the ports of a server. */
export function releasePorts(world: World, server: Server): void {
  for (const port of server.ports) world.network.removePort(port);
  server.ports = [];
  server.addressesKnown = false;
}

function noteHost(server: Server, host: Host): void {
  const last = server.actions.at(-1);
  if (last !== undefined) last.host = host.name;
}

function finishAction(world: World, server: Server): void {
  const last = server.actions.at(-1);
  if (last !== undefined) last.finishMs = world.clock.now();
}
