import { giveBackSource } from './coldMigration.ts';
import type { Host } from './hosts.ts';
import type { Server } from './servers.ts';
import { schedule, setState, type World } from './world.ts';

/** Asks for the deletion of a server; it has been accepted when this returns. */
export function requestDelete(world: World, server: Server, force: boolean): void {
  const { hosts, settings } = world;
  if (server.vmState === 'deleted') return;
  if (server.vmState === 'building' && server.instanceName === '') {
    // Not even scheduled: the request alone is dropped.
    return forget(world, server);
  }
  const { host } = server;
  if (host === null || !hosts.isUp(host)) {
    setState(world, server, { task: 'deleting' });
    return schedule(world, server, host === null ? 0 : settings.durations.localDeleteMs, () =>
      localDelete(world, server),
    );
  }
  if (server.taskState === 'deleting' || server.taskState === 'soft-deleting') return;
  if (server.vmState === 'building') {
    server.deleteAfterBuild = true;
    return setState(world, server, { task: 'deleting' });
  }
  if (settings.reclaimIntervalMs > 0 && !force) return softDelete(world, server, host);
  terminate(world, server);
}

/** Asked again, its time begins anew. */
function softDelete(world: World, server: Server, host: Host): void {
  const { durations, reclaimIntervalMs } = world.settings;
  setState(world, server, { task: 'soft-deleting' });
  if (host.diedMs !== null) return;
  schedule(world, server, durations.deletingMs, () => {
    if (host.diedMs !== null) return;
    world.guests.end(server);
    setState(world, server, { vm: 'soft-delete', task: null, power: 4 });
    // It keeps its room until it is reclaimed.
    schedule(world, server, reclaimIntervalMs, () => terminate(world, server));
  });
}

/** Its host ends it; a dead one does so when it comes back. */
export function terminate(world: World, server: Server): void {
  const { host } = server;
  setState(world, server, { task: 'deleting' });
  if (host === null) return localDelete(world, server);
  if (host.diedMs !== null) return;
  const fault = { ...host.fault, ...server.ownFault };
  const delayMs = world.settings.durations.deletingMs + (fault.destroy_delay ?? 0) * 1_000;
  schedule(world, server, delayMs, () => {
    if (host.diedMs !== null) return;
    if (fault.destroy_error !== undefined) return failDelete(world, server, fault.destroy_error);
    world.guests.end(server);
    localDelete(world, server);
  });
}

function failDelete(world: World, server: Server, reason: string): void {
  const details = `Traceback (most recent call last):\nnova.exception.NovaException: ${reason}\n`;
  server.fault = { message: reason, details, atMs: world.clock.now() };
  setState(world, server, { vm: 'error', task: null });
}

/** Nova takes it out of its books; whether a guest lives on where the host doesn't answer, it can't know. */
export function localDelete(world: World, server: Server): void {
  const nowMs = world.clock.now();
  for (const port of server.ports) world.network.removePort(port);
  server.addressesKnown = false;
  giveBackSource(world, server);
  if (server.claimedBy !== null) world.hosts.release(server.claimedBy, server.id, server.flavor);
  server.terminatedMs = nowMs;
  setState(world, server, { vm: 'deleted', task: null, power: 0 });
  schedule(world, server, world.settings.durations.deletedShownMs, () => forget(world, server));
}

function forget(world: World, server: Server): void {
  server.timer?.cancel();
  server.timer = null;
  if (server.vmState !== 'deleted') setState(world, server, { vm: 'deleted', task: null, power: 0 });
  server.metadata = {};
  server.tags = [];
  world.servers.live.delete(server.id);
  world.servers.gone.set(server.id, server);
  world.quotas.count(server.projectId, server.flavor, -1);
}
