import { createHash } from 'node:crypto';
import { isoDatabase, isoSeconds } from '../core/time.ts';
import { statusOf, type Server } from './servers.ts';
import type { World } from './world.ts';

/** Statuses that show how far something is. */
const WITH_PROGRESS = new Set(['ACTIVE', 'BUILD', 'REBUILD', 'RESIZE', 'VERIFY_RESIZE', 'MIGRATING']);

/** Who looks, how new their microversion is, and whether at one server alone. */
export interface View {
  readonly minor: number;
  readonly admin: boolean;
  readonly single: boolean;
}

/** Links to a thing below Nova's root. */
export function linksTo(world: World, path: string): object[] {
  return [
    { rel: 'self', href: `${world.origin}/v2.1/${path}` },
    { rel: 'bookmark', href: `${world.origin}/${path}` },
  ];
}

/** A server as `GET /servers/detail` and `GET /servers/{id}` show it, in Nova's order. */
export function renderServer(world: World, server: Server, view: View): object {
  const { minor, admin } = view;
  const status = statusOf(server);
  const { host } = server;
  const bookmark = (path: string): object[] => [{ rel: 'bookmark', href: `${world.origin}/${path}` }];
  const groups =
    host !== null && server.vmState !== 'deleted'
      ? { security_groups: server.securityGroups.map((name) => ({ name })) }
      : {};
  const hostState = admin && minor >= 16 ? { host_status: hostStatus(world, server) } : {};
  return {
    id: server.id,
    name: server.name,
    status,
    tenant_id: server.projectId,
    user_id: server.userId,
    metadata: server.metadata,
    hostId: host === null ? '' : hostIdOf(server.projectId, host.name),
    image: { id: server.image.id, links: bookmark(`images/${server.image.id}`) },
    flavor: renderFlavor(server, minor, bookmark),
    created: isoSeconds(server.createdMs),
    updated: isoSeconds(server.updatedMs),
    addresses: renderAddresses(server),
    accessIPv4: '',
    accessIPv6: '',
    links: linksTo(world, `servers/${server.id}`),
    'OS-DCF:diskConfig': 'MANUAL',
    ...renderFault(server, view),
    ...(WITH_PROGRESS.has(status) ? { progress: 0 } : {}),
    'OS-EXT-AZ:availability_zone': server.zone,
    config_drive: server.configDrive ? 'True' : '',
    key_name: server.keyName,
    'OS-SRV-USG:launched_at': timeOrNull(server.launchedMs),
    'OS-SRV-USG:terminated_at': timeOrNull(server.terminatedMs),
    ...(view.single ? groups : {}),
    ...(admin ? renderAdminPart(server, minor) : {}),
    'OS-EXT-STS:task_state': server.taskState,
    'OS-EXT-STS:vm_state': server.vmState,
    'OS-EXT-STS:power_state': server.powerState,
    'os-extended-volumes:volumes_attached': [],
    ...(view.single ? hostState : {}),
    ...(minor >= 9 ? { locked: server.locked } : {}),
    ...(minor >= 73 ? { locked_reason: server.lockedReason } : {}),
    ...(minor >= 19 ? { description: server.description } : {}),
    ...(minor >= 26 ? { tags: server.tags } : {}),
    ...(minor >= 63 ? { trusted_image_certificates: null } : {}),
    ...(view.single ? {} : { ...hostState, ...groups }),
    ...(minor >= 71 && view.single ? { server_groups: [] } : {}),
    ...(minor >= 90 && !admin ? { 'OS-EXT-SRV-ATTR:hostname': server.hostname } : {}),
  };
}

/** A server whose cell doesn't answer: what Nova's API database alone knows (2.69). */
export function renderUnknown(world: World, server: Server, view: View): object {
  const bookmark = (path: string): object[] => [{ rel: 'bookmark', href: `${world.origin}/${path}` }];
  return {
    id: server.id,
    status: 'UNKNOWN',
    tenant_id: server.projectId,
    created: isoSeconds(server.createdMs),
    links: linksTo(world, `servers/${server.id}`),
    ...(view.single
      ? {
          user_id: server.userId,
          image: { id: server.image.id, links: bookmark(`images/${server.image.id}`) },
          flavor: renderFlavor(server, view.minor, bookmark),
          'OS-EXT-AZ:availability_zone': server.zone,
          'OS-EXT-STS:power_state': 0,
          ...(view.minor >= 71 ? { server_groups: [] } : {}),
        }
      : {}),
  };
}

/** How a project sees a host, without its name. */
export function hostIdOf(projectId: string, host: string): string {
  return createHash('sha224').update(`${projectId}${host}`).digest('hex');
}

function renderAdminPart(server: Server, minor: number): object {
  return {
    'OS-EXT-SRV-ATTR:host': server.host?.name ?? null,
    'OS-EXT-SRV-ATTR:instance_name': server.instanceName,
    'OS-EXT-SRV-ATTR:hypervisor_hostname': server.host?.hypervisor ?? null,
    ...(minor >= 3
      ? {
          'OS-EXT-SRV-ATTR:reservation_id': server.reservationId,
          'OS-EXT-SRV-ATTR:launch_index': 0,
          'OS-EXT-SRV-ATTR:hostname': server.hostname,
          'OS-EXT-SRV-ATTR:kernel_id': '',
          'OS-EXT-SRV-ATTR:ramdisk_id': '',
          'OS-EXT-SRV-ATTR:root_device_name': server.rootDevice,
          'OS-EXT-SRV-ATTR:user_data': server.userData,
        }
      : {}),
  };
}

function renderFlavor(server: Server, minor: number, bookmark: (path: string) => object[]): object {
  const { id, name, vcpus, ramMiB, diskGiB } = server.flavor;
  if (minor < 47) return { id, links: bookmark(`flavors/${id}`) };
  return { vcpus, ram: ramMiB, disk: diskGiB, ephemeral: 0, swap: 0, original_name: name, extra_specs: {} };
}

function renderFault(server: Server, { admin, single }: View): object {
  const { fault, vmState } = server;
  // With several cells a listing leaves faults out.
  if (!single || fault === null || (vmState !== 'error' && vmState !== 'deleted')) return {};
  const { message, details, atMs } = fault;
  // The traceback is for administrators.
  return { fault: { code: 500, created: isoSeconds(atMs), message, ...(admin ? { details } : {}) } };
}

function renderAddresses(server: Server): object {
  if (!server.addressesKnown) return {};
  const byNetwork: Record<string, object[]> = {};
  for (const { network, address, mac } of server.ports) {
    if (address === null) continue;
    (byNetwork[network.name] ??= []).push({
      version: 4,
      addr: address,
      'OS-EXT-IPS:type': 'fixed',
      'OS-EXT-IPS-MAC:mac_addr': mac,
    });
  }
  return byNetwork;
}

function hostStatus({ hosts }: World, { host, vmState }: Server): string {
  if (host === null || vmState === 'deleted') return '';
  if (host.forcedDown) return 'DOWN';
  if (!hosts.isUp(host)) return 'UNKNOWN';
  return host.disabled ? 'MAINTENANCE' : 'UP';
}

function timeOrNull(ms: number | null): string | null {
  return ms === null ? null : isoDatabase(ms);
}
