import { isoDatabase } from '../core/time.ts';
import { objectIn, type Call } from '../http/call.ts';
import type { Route } from '../http/router.ts';
import { isAdmin } from '../keystone/caller.ts';
import { DIAGNOSTICS, OLD_DIAGNOSTICS } from './diagnostics.ts';
import { novaError, requireAdmin, unexpected } from './errors.ts';
import { hostIdOf } from './renderServer.ts';
import { reachServer } from './serverRoutes.ts';
import type { Server, ServerAction } from './servers.ts';
import type { World } from './world.ts';

const RPC_TIMEOUT_MS = 60_000;

/** The calls that look at what happens in and to servers. */
export function insideRoutes(world: World): Route[] {
  return [...serverDetails(world), ...migrationRoutes(world), ...groupRoutes(world)];
}

function serverDetails(world: World): Route[] {
  const reach = (call: Call): Server => reachServer(world, call);
  const renderAction = (server: Server, action: ServerAction): object => ({
    action: action.action,
    instance_uuid: server.id,
    request_id: action.requestId,
    user_id: action.userId,
    project_id: action.projectId,
    start_time: isoDatabase(action.startMs),
    message: server.fault !== null && action.action === 'create' ? 'Error' : null,
    updated_at: isoDatabase(action.finishMs ?? action.startMs),
  });
  return [
    {
      method: 'GET',
      path: '/servers/{id}/diagnostics',
      answer: async (call) => {
        requireAdmin(call.caller, 'os_compute_api:os-server-diagnostics');
        const server = reach(call);
        if (server.host === null) throw novaError(409, `Instance ${server.id} is not ready`);
        if (server.host.diedMs !== null) {
          await world.clock.wait(RPC_TIMEOUT_MS);
          throw unexpected('oslo_messaging.exceptions.MessagingTimeout');
        }
        if (call.minor < 48) return { status: 200, body: OLD_DIAGNOSTICS };
        return { status: 200, body: { ...DIAGNOSTICS, config_drive: server.configDrive } };
      },
    },
    {
      method: 'GET',
      path: '/servers/{id}/os-instance-actions',
      answer: (call) => {
        const server = reach(call);
        const instanceActions = server.actions.toReversed().map((action) => renderAction(server, action));
        return { status: 200, body: { instanceActions } };
      },
    },
    {
      method: 'GET',
      path: '/servers/{id}/os-instance-actions/{request}',
      answer: (call) => {
        const server = reach(call);
        const action = server.actions.find(({ requestId }) => requestId === call.params['request']);
        if (action === undefined) throw novaError(404, `Action ${call.params['request'] ?? ''} not found`);
        const event = {
          event: action.event,
          start_time: isoDatabase(action.startMs),
          finish_time: action.finishMs === null ? null : isoDatabase(action.finishMs),
          result: action.finishMs === null ? null : server.fault === null ? 'Success' : 'Error',
          traceback: null,
          ...(isAdmin(call.caller) ? { host: action.host } : {}),
          hostId: action.host === null ? '' : hostIdOf(server.projectId, action.host),
          details: null,
        };
        return {
          status: 200,
          body: { instanceAction: { ...renderAction(server, action), events: [event] } },
        };
      },
    },
    {
      method: 'GET',
      path: '/servers/{id}/os-interface',
      answer: (call) => {
        const interfaceAttachments = reach(call).ports.map((port) => ({
          net_id: port.network.id,
          port_id: port.id,
          mac_addr: port.mac,
          port_state: port.status,
          fixed_ips:
            port.address === null ? [] : [{ subnet_id: port.network.subnetId, ip_address: port.address }],
          ...(call.minor >= 70 ? { tag: null } : {}),
        }));
        return { status: 200, body: { interfaceAttachments } };
      },
    },
  ];
}

function migrationRoutes({ servers }: World): Route[] {
  return [
    {
      method: 'GET',
      path: '/os-migrations',
      query: ['instance_uuid'],
      answer: ({ caller, query, minor }) => {
        requireAdmin(caller, 'os_compute_api:os-migrations:index');
        const wanted = query.get('instance_uuid');
        const found = servers.migrations.filter(({ serverId }) => wanted === null || serverId === wanted);
        const migrations = found.toReversed().map((one) => ({
          id: one.id,
          ...(minor >= 59 ? { uuid: one.uuid } : {}),
          source_compute: one.source.name,
          dest_compute: one.target.name,
          source_node: one.source.hypervisor,
          dest_node: one.target.hypervisor,
          dest_host: null,
          old_instance_type_id: 2,
          new_instance_type_id: 2,
          instance_uuid: one.serverId,
          status: one.status,
          ...(minor >= 23 ? { migration_type: one.type } : {}),
          ...(minor >= 80 ? { user_id: one.userId, project_id: one.projectId } : {}),
          created_at: isoDatabase(one.createdMs),
          updated_at: isoDatabase(one.updatedMs),
        }));
        return { status: 200, body: { migrations } };
      },
    },
  ];
}

function groupRoutes({ servers, random }: World): Route[] {
  const path = '/os-server-groups';
  const find = ({ params, caller }: Call) => {
    const id = params['id'] ?? '';
    const group = servers.groups.get(id);
    if (group !== undefined && (isAdmin(caller) || group.projectId === caller.projectId)) return group;
    throw novaError(404, `Instance group ${id} could not be found.`);
  };
  const render = (group: ReturnType<typeof find>): object => ({
    id: group.id,
    name: group.name,
    policy: group.policy,
    rules: {},
    members: [],
    project_id: group.projectId,
    user_id: group.userId,
  });
  return [
    {
      method: 'GET',
      path,
      answer: ({ caller }) => {
        const own = [...servers.groups.values()].filter(({ projectId }) => projectId === caller.projectId);
        return { status: 200, body: { server_groups: own.map(render) } };
      },
    },
    {
      method: 'POST',
      path,
      answer: ({ body, caller: { projectId, userId } }) => {
        const wanted = objectIn(body, 'server_group');
        const [name, policy] = [String(wanted['name']), String(wanted['policy'])];
        const group = { id: random.uuid(), name, policy, projectId, userId };
        servers.groups.set(group.id, group);
        return { status: 200, body: { server_group: render(group) } };
      },
    },
    {
      method: 'GET',
      path: `${path}/{id}`,
      answer: (call) => ({ status: 200, body: { server_group: render(find(call)) } }),
    },
    {
      method: 'DELETE',
      path: `${path}/{id}`,
      answer: (call) => {
        servers.groups.delete(find(call).id);
        return { status: 204 };
      },
    },
  ];
}
