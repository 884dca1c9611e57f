import { member, NotModelled, objectIn, Refusal, textOf, type Answer, type Call } from '../http/call.ts';
import { hostFaultSchema, type HostFault } from '../faults/schema.ts';
import { isAdmin } from '../keystone/caller.ts';
import { beginBuild } from './build.ts';
import { checkCreate } from './checkCreate.ts';
import { novaError, requireAdmin, toPython } from './errors.ts';
import { FLAVORS } from './flavors.ts';
import { linksTo } from './renderServer.ts';
import type { Pinning, Server } from './servers.ts';
import type { World } from './world.ts';

const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const PASSWORD_LETTERS = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789';
/** Metadata that breaks this one server: the name of a host fault, or such a fault as JSON. */
const SENTINEL = 'sim_fault';
const HINTS = 'os:scheduler_hints';
const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** `POST /servers`. */
export function createServer(world: World, call: Call): Answer {
  const wanted = objectIn(call.body, 'server');
  checkCreate(wanted, call.minor);
  const hints = readHints(call.body);
  const { caller } = call;
  const { zone, pinning } = readPinning(world, call, wanted);
  const flavor = FLAVORS.find(({ id }) => id === wanted['flavorRef']);
  if (flavor === undefined) throw novaError(400, `Flavor ${String(wanted['flavorRef'])} could not be found.`);
  const image = world.images.get(String(wanted['imageRef']));
  if (image === undefined) throw novaError(400, 'Can not find requested image');
  const securityGroups = readGroups(world, call, wanted['security_groups']);
  const networkIds = readNetworks(world, call, wanted['networks']);
  if (hints.group !== undefined) checkServerGroup(world, call, hints.group);
  const refusal = world.quotas.refusal(caller.projectId, flavor);
  if (refusal !== undefined) throw novaError(403, refusal);
  if (world.network.exceedsPorts(caller.projectId, networkIds.length)) {
    throw novaError(403, 'Maximum number of ports exceeded');
  }
  const name = String(wanted['name']);
  const nowMs = world.clock.now();
  const metadata = { ...(wanted['metadata'] as Record<string, string> | undefined) };
  const server: Server = {
    id: world.random.uuid(),
    name,
    projectId: caller.projectId,
    userId: caller.userId,
    image,
    flavor,
    description: call.minor >= 19 ? ((wanted['description'] as string | undefined) ?? null) : name,
    keyName: (wanted['key_name'] as string | undefined) ?? null,
    userData: (wanted['user_data'] as string | undefined) ?? null,
    configDrive: wanted['config_drive'] === true || wanted['config_drive'] === 'True',
    hostname: name.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, '-'),
    reservationId: `r-${world.random.text(8, LETTERS)}`,
    securityGroups,
    networkIds,
    createdMs: nowMs,
    pinning,
    ownFault: readSentinel(metadata[SENTINEL]),
    metadata,
    tags: ((wanted['tags'] as string[] | undefined) ?? []).toSorted(),
    updatedMs: nowMs,
    launchedMs: null,
    terminatedMs: null,
    zone,
    host: null,
    claimedBy: null,
    instanceName: '',
    rootDevice: null,
    vmState: 'building',
    taskState: 'scheduling',
    powerState: 0,
    fault: null,
    locked: false,
    lockedReason: null,
    ports: [],
    addressesKnown: false,
    running: false,
    deleteAfterBuild: false,
    timer: null,
    actions: [
      {
        action: 'create',
        requestId: call.requestId,
        userId: caller.userId,
        projectId: caller.projectId,
        startMs: nowMs,
        finishMs: null,
        event: 'compute__do_build_and_run_instance',
        host: null,
      },
    ],
  };
  world.servers.live.set(server.id, server);
  world.quotas.count(server.projectId, flavor, 1);
  beginBuild(world, server);
  const links = linksTo(world, `servers/${server.id}`);
  return {
    status: 202,
    headers: { location: `${world.origin}/v2.1/servers/${server.id}` },
    body: {
      server: {
        id: server.id,
        links,
        'OS-DCF:diskConfig': 'MANUAL',
        security_groups: server.securityGroups.map((group) => ({ name: group })),
        adminPass: world.random.text(12, PASSWORD_LETTERS),
      },
    },
  };
}

function readPinning(
  world: World,
  { caller }: Call,
  wanted: Readonly<Record<string, unknown>>,
): { readonly zone: string; readonly pinning: Pinning } {
  const requested = wanted['host'] !== undefined || wanted['hypervisor_hostname'] !== undefined;
  const [zone = '', host, node] = textOf(wanted['availability_zone']).split(':');
  if (requested) requireAdmin(caller, 'compute:servers:create:requested_destination');
  if (host !== undefined) requireAdmin(caller, 'os_compute_api:servers:create:forced_host');
  if (requested && host !== undefined) {
    throw novaError(
      400,
      'One mechanism with host and/or hypervisor_hostname and another mechanism with zone:host:node are mutually exclusive.',
    );
  }
  if (zone !== '' && host === undefined && !world.aggregates.zones().has(zone)) {
    throw novaError(400, 'The requested availability zone is not available');
  }
  if (host !== undefined) return { zone, pinning: { kind: 'forced', host, node: node ?? null } };
  if (!requested) return { zone, pinning: { kind: 'none' } };
  const [name, hypervisor] = [wanted['host'] as string | undefined, wanted['hypervisor_hostname'] as string];
  const found = name === undefined ? world.hosts.byHypervisor.get(hypervisor) : world.hosts.all.get(name);
  if (found === undefined || (hypervisor ?? found.hypervisor) !== found.hypervisor) {
    throw novaError(400, `Compute host ${name ?? hypervisor} could not be found.`);
  }
  return { zone, pinning: { kind: 'requested', host: found } };
}

function readNetworks(world: World, { caller }: Call, wanted: unknown): string[] {
  if (wanted === 'none') return [];
  if (!Array.isArray(wanted)) {
    // The project's only network.
    const own = [...world.network.networks.values()].filter((one) => one.projectId === caller.projectId);
    return own.slice(0, 1).map(({ id }) => id);
  }
  return wanted.map((one: unknown) => {
    const id = String((one as { uuid?: unknown }).uuid);
    // Nova asks for what the project can use, whoever is admin.
    const usable = world.network.visible(id, caller.projectId, isAdmin(caller));
    if (usable === undefined) throw novaError(400, `Network ${id} could not be found.`);
    return id;
  });
}

function readGroups(world: World, { caller }: Call, wanted: unknown): string[] {
  if (!Array.isArray(wanted) || wanted.length === 0) return ['default'];
  return wanted.map((one: unknown) => {
    const name = textOf(member(one, 'name'));
    if (world.network.group(name, caller.projectId) !== undefined) return name;
    throw novaError(400, `Unable to find security_group with name or id '${name}'`);
  });
}

/** What stands beside the server in the body: hints for the scheduler, of which only a group is modelled. */
function readHints(body: unknown): { readonly group?: string } {
  const others = Object.keys(objectIn({ body }, 'body')).filter((key) => key !== 'server' && key !== HINTS);
  const { group, ...hints } = objectIn(body, HINTS);
  const [unknown] = [...others, ...Object.keys(hints)];
  if (unknown !== undefined) throw new NotModelled(`${unknown} of a new server`);
  if (group === undefined) return {};
  const id = textOf(group);
  if (UUID.test(id)) return { group: id };
  throw novaError(
    400,
    `Invalid input for field/attribute group. Value: ${id}. ${toPython(group)} is not a 'uuid'`,
  );
}

/** The scheduler here heeds no group, so that a server in one that there is isn't modelled. */
function checkServerGroup({ servers }: World, { caller }: Call, id: string): never {
  const group = servers.groups.get(id);
  if (group === undefined || !(isAdmin(caller) || group.projectId === caller.projectId)) {
    throw novaError(400, `Instance group ${id} could not be found.`);
  }
  throw new NotModelled('a server in a server group');
}

function readSentinel(text: string | undefined): HostFault {
  if (text === undefined) return {};
  const plain: Readonly<Record<string, HostFault>> = {
    spawn_error: { spawn_error: 'sim_fault' },
    build_abort: { build_abort: 'sim_fault' },
    destroy_error: { destroy_error: 'sim_fault' },
    bind_fail: { bind_fail: true },
  };
  const known = plain[text];
  if (known !== undefined) return known;
  try {
    return hostFaultSchema.parse(JSON.parse(text));
  } catch {
    throw new Refusal({
      status: 501,
      body: { simulator: { code: 501, message: `no ${SENTINEL}: ${text}` } },
    });
  }
}
