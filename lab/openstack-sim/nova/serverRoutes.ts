import { member, objectIn, type Call } from '../http/call.ts';
import type { Route } from '../http/router.ts';
import { isAdmin } from '../keystone/caller.ts';
import { act, checkState, checkUnlocked } from './actions.ts';
import { checkMetadata, checkTags } from './checkCreate.ts';
import { createServer } from './createServer.ts';
import { requestDelete } from './deletion.ts';
import { noServer, novaError, unexpected } from './errors.ts';
import { isHidden, listServers } from './listServers.ts';
import { renderServer, renderUnknown } from './renderServer.ts';
import type { Server, VmState } from './servers.ts';
import { setState, type World } from './world.ts';

/** A server that the caller may see. */
export function findServer(world: World, { params, caller }: Call): Server {
  const id = params['id'] ?? '';
  const server = world.servers.live.get(id);
  if (server === undefined || !(isAdmin(caller) || server.projectId === caller.projectId)) throw noServer(id);
  return server;
}

/** A server whose cell answers. */
export function reachServer(world: World, call: Call): Server {
  const server = findServer(world, call);
  if (isHidden(world, server)) throw unexpected('nova.exception.NovaException');
  return server;
}

/** The calls about servers themselves. */
export function serverRoutes(world: World): Route[] {
  const reach = (call: Call): Server => reachServer(world, call);
  return [
    { method: 'GET', path: '/servers', query: 'any', answer: (call) => listServers(world, call, false) },
    {
      method: 'GET',
      path: '/servers/detail',
      query: 'any',
      answer: (call) => listServers(world, call, true),
    },
    { method: 'POST', path: '/servers', answer: (call) => createServer(world, call) },
    {
      method: 'GET',
      path: '/servers/{id}',
      answer: (call) => {
        const view = { minor: call.minor, admin: isAdmin(call.caller), single: true };
        const server = call.minor >= 69 ? findServer(world, call) : reach(call);
        const render = isHidden(world, server) ? renderUnknown : renderServer;
        return { status: 200, body: { server: render(world, server, view) } };
      },
    },
    {
      method: 'DELETE',
      path: '/servers/{id}',
      answer: (call) => {
        const server = reach(call);
        checkUnlocked(server, call);
        requestDelete(world, server, false);
        return { status: 204 };
      },
    },
    { method: 'POST', path: '/servers/{id}/action', answer: (call) => act(world, reach(call), call) },
    ...metadataRoutes(world, reach),
    ...tagRoutes(world, reach),
  ];
}

/** https://opendev.org/openstack/nova/src/branch/stable/2024.1/nova/compute/api.py (update_instance_metadata) */
const TAKES_METADATA: readonly VmState[] = ['active', 'paused', 'suspended', 'stopped'];

function metadataRoutes(world: World, reach: (call: Call) => Server): Route[] {
  const path = '/servers/{id}/metadata';
  const set = (replace: boolean) => (call: Call) => {
    const server = reach(call);
    const change = objectIn(call.body, 'metadata') as Record<string, string>;
    checkMetadata(change);
    checkState(server, 'update metadata', TAKES_METADATA);
    server.metadata = replace ? { ...change } : { ...server.metadata, ...change };
    setState(world, server, {});
    return { status: 200, body: { metadata: server.metadata } };
  };
  return [
    { method: 'GET', path, answer: (call) => ({ status: 200, body: { metadata: reach(call).metadata } }) },
    { method: 'PUT', path, answer: set(true) },
    { method: 'POST', path, answer: set(false) },
    {
      method: 'DELETE',
      path: `${path}/{key}`,
      answer: (call) => {
        const server = reach(call);
        const key = call.params['key'] ?? '';
        if (!Object.hasOwn(server.metadata, key)) throw novaError(404, 'Metadata item was not found');
        checkState(server, 'delete metadata', TAKES_METADATA);
        server.metadata = Object.fromEntries(
          Object.entries(server.metadata).filter(([name]) => name !== key),
        );
        setState(world, server, {});
        return { status: 204 };
      },
    },
  ];
}

function tagRoutes(world: World, reach: (call: Call) => Server): Route[] {
  const path = '/servers/{id}/tags';
  return [
    { method: 'GET', path, answer: (call) => ({ status: 200, body: { tags: reach(call).tags } }) },
    {
      method: 'PUT',
      path,
      answer: (call) => {
        const tags = member(call.body, 'tags');
        checkTags(tags);
        const server = reach(call);
        server.tags = (tags as string[]).toSorted();
        return { status: 200, body: { tags: server.tags } };
      },
    },
    {
      method: 'PUT',
      path: `${path}/{tag}`,
      answer: (call) => {
        const server = reach(call);
        const tag = call.params['tag'] ?? '';
        if (server.tags.includes(tag)) return { status: 204 };
        checkTags([tag]);
        server.tags = [...server.tags, tag].toSorted();
        const location = `${world.origin}/v2.1/servers/${server.id}/tags/${tag}`;
        return { status: 201, headers: { location, 'content-type': 'text/html; charset=UTF-8' } };
      },
    },
  ];
}
