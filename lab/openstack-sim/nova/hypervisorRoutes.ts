import type { Answer, Call } from '../http/call.ts';
import { cutPage, nextSortedQuery } from '../http/page.ts';
import type { Route } from '../http/router.ts';
import { novaError, requireAdmin, unexpected } from './errors.ts';
import type { Host } from './hosts.ts';
import type { World } from './world.ts';

const PATH = '/os-hypervisors';
const CPU = {
  arch: 'x86_64',
  model: 'Nehalem',
  vendor: 'Intel',
  features: ['pge', 'clflush'],
  topology: { cores: 1, threads: 1, sockets: 4 },
};
/** Nova's wait for an answer of a compute service. */
const RPC_TIMEOUT_MS = 60_000;

/** The calls about hypervisors. */
export function hypervisorRoutes(world: World): Route[] {
  const query = ['limit', 'marker', 'hypervisor_hostname_pattern', 'with_servers'];
  return [
    { method: 'GET', path: PATH, query, answer: (call) => list(world, call, false) },
    { method: 'GET', path: `${PATH}/detail`, query, answer: (call) => list(world, call, true) },
    {
      method: 'GET',
      path: `${PATH}/{id}`,
      query: ['with_servers'],
      answer: async (call) => {
        requireAdmin(call.caller, 'os_compute_api:os-hypervisors:show');
        const host = find(world, call);
        await awaitUptimes(world, call.minor, [host]);
        return { status: 200, body: { hypervisor: render(world, host, call, true) } };
      },
    },
    {
      method: 'GET',
      path: `${PATH}/{id}/uptime`,
      answer: (call) => {
        requireAdmin(call.caller, 'os_compute_api:os-hypervisors:uptime');
        const host = find(world, call);
        if (!world.hosts.isUp(host)) {
          throw novaError(400, `Compute service of ${host.name} is unavailable at this time.`);
        }
        throw novaError(501, 'Virt driver does not implement uptime function.');
      },
    },
  ];
}

async function list(world: World, call: Call, detail: boolean): Promise<Answer> {
  const { query, minor } = call;
  requireAdmin(call.caller, `os_compute_api:os-hypervisors:list${detail ? '-detail' : ''}`);
  const pattern = query.get('hypervisor_hostname_pattern');
  const [limit, marker] = [query.get('limit'), query.get('marker')];
  if (limit !== null && !/^\d*$/.test(limit)) {
    throw novaError(
      400,
      `Invalid input for query parameters limit. Value: ${limit}. '${limit}' does not match '^[0-9]*$'`,
    );
  }
  if (pattern !== null && (limit !== null || marker !== null)) {
    throw novaError(
      400,
      'The server could not comply with the request since it is either malformed or otherwise incorrect.',
    );
  }
  const hosts = [...world.hosts.all.values()].filter(
    (host) => world.downCells.get(host.cell)?.services !== true && host.hypervisor.includes(pattern ?? ''),
  );
  if (pattern !== null && hosts.length === 0) {
    throw novaError(404, `No hypervisor matching '${pattern}' could be found.`);
  }
  const { maxLimit } = world.settings;
  // Pages came with 2.33; a pattern's matches aren't paged.
  const paged = minor >= 33 && pattern === null;
  const size = paged ? Math.min(Number(limit ?? 0) || maxLimit, maxLimit) : Infinity;
  const idOf = (host: Host): string => String(hypervisorId(host, minor));
  const page = cutPage(hosts, idOf, { marker: paged ? marker : null, limit: size });
  if (page === undefined) throw novaError(400, `marker [${marker ?? ''}] not found`);
  if (detail) await awaitUptimes(world, minor, page.items);
  const next =
    page.next === undefined
      ? {}
      : {
          hypervisors_links: [
            {
              rel: 'next',
              href: `${world.origin}/v2.1${PATH}${detail ? '/detail' : ''}?${nextSortedQuery(query, page.next)}`,
            },
          ],
        };
  return {
    status: 200,
    body: { hypervisors: page.items.map((host) => render(world, host, call, detail)), ...next },
  };
}

/** From 2.88 on each listed host is asked for its uptime; one that is dead without Nova's knowing lets it time out. */
async function awaitUptimes(world: World, minor: number, hosts: readonly Host[]): Promise<void> {
  if (minor < 88 || !hosts.some((host) => host.diedMs !== null && world.hosts.isUp(host))) return;
  await world.clock.wait(RPC_TIMEOUT_MS);
  throw unexpected('oslo_messaging.exceptions.MessagingTimeout');
}

function find(world: World, { params, minor }: Call): Host {
  const id = params['id'] ?? '';
  const host = [...world.hosts.all.values()].find((one) => String(hypervisorId(one, minor)) === id);
  if (host === undefined) throw novaError(404, `Hypervisor with ID '${id}' could not be found.`);
  return host;
}

function hypervisorId(host: Host, minor: number): string | number {
  return minor >= 53 ? host.hypervisorId : host.hypervisorNumber;
}

function render(world: World, host: Host, { minor, query }: Call, detail: boolean): object {
  const { hosts, servers } = world;
  const head = {
    id: hypervisorId(host, minor),
    hypervisor_hostname: host.hypervisor,
    state: hosts.isUp(host) ? 'up' : 'down',
    status: host.disabled ? 'disabled' : 'enabled',
  };
  const withServers = query.get('with_servers')?.toLowerCase() === 'true';
  const tail = withServers
    ? {
        servers: [...host.servers].flatMap((id) => {
          const name = servers.live.get(id)?.instanceName;
          return name === undefined ? [] : [{ name, uuid: id }];
        }),
      }
    : {};
  if (!detail) return { ...head, ...tail };
  return {
    ...head,
    hypervisor_type: host.type,
    hypervisor_version: 1000,
    host_ip: '127.0.0.1',
    service: {
      id: minor >= 53 ? host.serviceId : host.serviceNumber,
      host: host.name,
      disabled_reason: host.disabledReason,
    },
    ...(minor >= 88 ? { uptime: null } : renderResources(world, host, minor)),
    ...tail,
  };
}

function renderResources({ servers }: World, host: Host, minor: number): object {
  // The compute counts what it has taken on; what only Placement gave room to is on no host yet.
  const running = [...host.servers].filter((id) => servers.live.get(id)?.host === host);
  return {
    vcpus: host.vcpus,
    memory_mb: host.memoryMiB,
    local_gb: host.diskGiB,
    vcpus_used: host.vcpusUsed,
    memory_mb_used: host.memoryUsedMiB,
    local_gb_used: host.diskUsedGiB,
    free_ram_mb: host.memoryMiB - host.memoryUsedMiB,
    free_disk_gb: host.diskGiB - host.diskUsedGiB,
    current_workload: 0,
    running_vms: running.length,
    disk_available_least: 0,
    cpu_info: minor >= 28 ? CPU : JSON.stringify(CPU).replaceAll(/([,:])/g, '$1 '),
  };
}
