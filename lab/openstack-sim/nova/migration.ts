import { textOf, type Call } from '../http/call.ts';
import type { Caller } from '../keystone/caller.ts';
import { novaError } from './errors.ts';
import type { Host } from './hosts.ts';
import type { Migration, Server } from './servers.ts';
import { schedule, setState, type World } from './world.ts';

/**
 * Begins a live migration.
 *
 * @throws Refusal for a host that it can't go to.
 */
export function liveMigrate(world: World, server: Server, { caller }: Call, wanted: unknown): void {
  const source = server.host;
  if (source === null) throw novaError(409, `Instance ${server.id} is not ready`);
  const target = chooseTarget(world, server, source, wanted);
  const migration = noteMigration(world, server, caller, { type: 'live-migration', source, target });
  setState(world, server, { task: 'migrating' });
  schedule(world, server, migratingMs(world, migration), () => finish(world, server, migration));
}

/** Writes a migration down, which has just begun. */
export function noteMigration(
  world: World,
  server: Server,
  { userId, projectId }: Caller,
  way: Pick<Migration, 'type' | 'source' | 'target'>,
): Migration {
  const nowMs = world.clock.now();
  const migration: Migration = {
    ...way,
    id: world.servers.migrations.length + 1,
    uuid: world.random.uuid(),
    serverId: server.id,
    userId,
    projectId,
    createdMs: nowMs,
    updatedMs: nowMs,
    status: way.type === 'migration' ? 'migrating' : 'running',
  };
  world.servers.migrations.push(migration);
  return migration;
}

/** How long a migration takes. */
export function migratingMs({ settings }: World, { source, target }: Migration): number {
  const delaySeconds = source.fault.migrate_delay ?? target.fault.migrate_delay ?? 0;
  return settings.durations.migratingMs + delaySeconds * 1_000;
}

/** The wanted host, or one of those that fit. @throws Refusal for a host that the server can't go to. */
export function chooseTarget(world: World, server: Server, source: Host, wanted: unknown): Host {
  const { hosts } = world;
  if (wanted === null || wanted === undefined) {
    const fits = [...hosts.all.values()].filter(
      (host) => host !== source && !host.disabled && hosts.isUp(host) && hosts.hasRoom(host, server.flavor),
    );
    const chosen = fits[world.random.below(fits.length)];
    if (chosen === undefined)
      throw novaError(400, 'No valid host was found. There are not enough hosts available.');
    return chosen;
  }
  const name = textOf(wanted);
  const host = hosts.all.get(name) ?? hosts.byHypervisor.get(name);
  if (host === undefined) throw novaError(400, `Compute host ${name} could not be found.`);
  if (host === source) {
    throw novaError(400, `Unable to migrate instance (${server.id}) to current host (${host.name}).`);
  }
  if (!hosts.isUp(host)) throw novaError(400, `Compute service of ${host.name} is unavailable at this time.`);
  return host;
}

function finish(world: World, server: Server, migration: Migration): void {
  const { source, target } = migration;
  migration.updatedMs = world.clock.now();
  if (source.diedMs !== null) return;
  if (target.diedMs !== null || !world.hosts.hasRoom(target, server.flavor)) {
    migration.status = 'error';
    return setState(world, server, { task: null });
  }
  migration.status = 'completed';
  world.hosts.release(source, server.id, server.flavor);
  world.hosts.claim(target, server.id, server.flavor);
  settle(world, server, target);
  setState(world, server, { task: null });
  world.guests.move(server);
}

/** A server is on another host from now on. */
export function settle(world: World, server: Server, host: Host): void {
  server.host = host;
  server.claimedBy = host;
  server.zone = world.aggregates.zoneOfHost(host.name);
  for (const port of server.ports) world.network.changePort(port, { hostId: host.name });
}
