import { NotModelled, member, type Call } from '../http/call.ts';
import { novaError } from './errors.ts';
import { chooseTarget, migratingMs, noteMigration, settle } from './migration.ts';
import type { Migration, Server } from './servers.ts';
import { schedule, setState, type World } from './world.ts';

/**
 * Begins a cold migration, which is a resize to the same flavor: RESIZE, then VERIFY_RESIZE on the other host until it is
 * confirmed or reverted. It has room on both hosts meanwhile.
 * https://docs.openstack.org/nova/latest/contributor/resize-and-cold-migrate.html
 *
 * @throws Refusal when it can't go anywhere, NotModelled for a target that the caller chose or a server that is shut off.
 */
export function coldMigrate(world: World, server: Server, { caller }: Call, argument: unknown): void {
  if ((member(argument, 'host') ?? null) !== null) throw new NotModelled('a cold migration to a named host');
  if (server.vmState === 'stopped') throw new NotModelled('a cold migration of a server that is shut off');
  const source = server.host;
  if (source === null) throw novaError(409, `Instance ${server.id} is not ready`);
  const target = chooseTarget(world, server, source, null);
  const migration = noteMigration(world, server, caller, { type: 'migration', source, target });
  world.hosts.claim(target, server.id, server.flavor);
  setState(world, server, { task: 'resize_migrating' });
  if (source.diedMs === null) world.guests.end(server);
  schedule(world, server, migratingMs(world, migration), () => {
    if (source.diedMs !== null || target.diedMs !== null) return;
    settle(world, server, target);
    step(world, migration, 'finished');
    setState(world, server, { vm: 'resized', task: null });
    world.guests.boot(server);
  });
}

/** The new place is kept: the room at the old one is given back. */
export function confirmResize(world: World, server: Server): void {
  later(world, server, () => {
    giveBackSource(world, server);
    setState(world, server, { vm: 'active', task: null });
  });
}

/** It goes back to where it came from. */
export function revertResize(world: World, server: Server): void {
  const migration = unconfirmed(world, server);
  if (migration === undefined) return;
  const { source, target } = migration;
  setState(world, server, { task: 'resize_reverting' });
  later(world, server, () => {
    world.guests.end(server);
    world.hosts.release(target, server.id, server.flavor);
    settle(world, server, source);
    step(world, migration, 'reverted');
    setState(world, server, { vm: 'active', task: null });
    world.guests.boot(server);
  });
}

/** Ends what a cold migration that nobody confirmed holds at the host where it began; a deletion confirms it too. */
export function giveBackSource(world: World, server: Server): void {
  const migration = unconfirmed(world, server);
  if (migration === undefined) return;
  const { source, target } = migration;
  world.hosts.release(source === server.host ? target : source, server.id, server.flavor);
  step(world, migration, 'confirmed');
}

function unconfirmed({ servers }: World, { id }: Server): Migration | undefined {
  return servers.migrations.find(
    ({ serverId, type, status }) =>
      serverId === id && type === 'migration' && (status === 'migrating' || status === 'finished'),
  );
}

function step({ clock }: World, migration: Migration, status: Migration['status']): void {
  migration.status = status;
  migration.updatedMs = clock.now();
}

/** Something that its host does in a while; a dead host doesn't. */
function later(world: World, server: Server, done: () => void): void {
  const { host } = server;
  schedule(world, server, world.settings.durations.poweringMs, () => {
    if (host?.diedMs === null) done();
  });
}
