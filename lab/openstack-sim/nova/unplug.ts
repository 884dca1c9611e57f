import { NotModelled } from '../http/call.ts';
import type { Port } from '../neutron/state.ts';
import { setState, type World } from './world.ts';

/**
 * What Nova does when Neutron tells it that somebody deleted a port of a server (`network-vif-deleted`): the host takes the
 * interface away, and the address is shown no more; a dead host takes nothing away. The server stays ACTIVE.
 *
 * @throws NotModelled for one port of several.
 */
export function unplug(world: World, port: Port): void {
  const server = world.servers.live.get(port.deviceId);
  if (server?.host?.diedMs !== null) return;
  if (server.ports.length > 1) throw new NotModelled('the deletion of one port of several');
  server.ports = [];
  setState(world, server, {});
  // It runs on, but nobody reaches it any more.
  world.guests.end(server);
}
