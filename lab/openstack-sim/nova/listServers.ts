import { NotModelled, type Answer, type Call } from '../http/call.ts';
import { cutPage, nextSortedQuery } from '../http/page.ts';
import { isAdmin } from '../keystone/caller.ts';
import { novaError, requireAdmin, toPython } from './errors.ts';
import { linksTo, renderServer, renderUnknown } from './renderServer.ts';
import { statusOf, type Server } from './servers.ts';
import type { World } from './world.ts';

type Filter = (server: Server) => boolean;

/** Filters for everyone. */
const FILTERS: Readonly<Record<string, (value: string) => Filter>> = {
  status: (value) => (server) => statusOf(server) === value.toUpperCase(),
  name: (value) => {
    const pattern = new RegExp(value);
    return ({ name }) => pattern.test(name);
  },
  tags:
    (value) =>
    ({ tags }) =>
      value.split(',').every((tag) => tags.includes(tag)),
  'tags-any':
    (value) =>
    ({ tags }) =>
      value.split(',').some((tag) => tags.includes(tag)),
  'not-tags':
    (value) =>
    ({ tags }) =>
      !value.split(',').every((tag) => tags.includes(tag)),
  'changes-since': (value) => {
    const sinceMs = Date.parse(value);
    return ({ updatedMs }) => updatedMs >= sinceMs;
  },
};
/** Filters that Nova heeds for an administrator only, and passes over otherwise. */
const ADMIN_FILTERS: Readonly<Record<string, (value: string) => Filter>> = {
  host:
    (value) =>
    ({ host }) =>
      host?.name === value,
  node:
    (value) =>
    ({ host }) =>
      host?.hypervisor === value,
  availability_zone:
    (value) =>
    ({ zone }) =>
      zone === value,
  project_id:
    (value) =>
    ({ projectId }) =>
      projectId === value,
};
/** Not filters themselves. */
const OTHERS = new Set(['limit', 'marker', 'all_tenants', 'deleted']);
/** Nova knows them too, the simulator doesn't. */
const NOT_MODELLED = new Set([
  'changes-before',
  'flavor',
  'image',
  'ip',
  'ip6',
  'locked',
  'not-tags-any',
  'reservation_id',
  'sort_dir',
  'sort_key',
  'tenant_id',
  'user_id',
  'uuid',
  'vm_state',
  'task_state',
  'power_state',
]);
const TAGS_SINCE = 26;

/** `GET /servers` and `GET /servers/detail`: newest first. */
export function listServers(world: World, call: Call, detail: boolean): Answer {
  const { caller, query, minor } = call;
  const admin = isAdmin(caller);
  const all = isTrue(query.get('all_tenants'));
  const name = detail ? 'detail' : 'index';
  checkNames(query, minor);
  if (all) requireAdmin(caller, `os_compute_api:servers:${name}:get_all_tenants`);
  const filters = readFilters(query, admin);
  const limit = readLimit(query, world.settings.maxLimit);
  const servers = candidates(world, query, admin).filter(
    (server) => (all || server.projectId === caller.projectId) && filters.every((matches) => matches(server)),
  );
  const marker = query.get('marker');
  const partial = showsDownCells(query, minor);
  const shown = servers.filter((server) => partial || !isHidden(world, server));
  const page = cutPage(shown, ({ id }) => id, { marker, limit });
  if (page === undefined) throw novaError(400, `marker [${marker ?? ''}] not found`);
  const view = { minor, admin, single: false };
  const url = `${world.origin}/v2.1/servers${detail ? '/detail' : ''}`;
  const next =
    page.next === undefined ? [] : [{ rel: 'next', href: `${url}?${nextSortedQuery(query, page.next)}` }];
  return {
    status: 200,
    body: {
      servers: page.items.map((server) => {
        if (isHidden(world, server)) return renderUnknown(world, server, view);
        if (detail) return renderServer(world, server, view);
        return { id: server.id, name: server.name, links: linksTo(world, `servers/${server.id}`) };
      }),
      ...(next.length === 0 ? {} : { servers_links: next }),
    },
  };
}

/** Whether a server's cell doesn't answer. */
export function isHidden({ downCells }: World, { claimedBy }: Server): boolean {
  return claimedBy !== null && downCells.get(claimedBy.cell)?.servers === true;
}

/** From 2.69 on, and only without filters and paging, what Nova still knows of them is listed. */
function showsDownCells(query: URLSearchParams, minor: number): boolean {
  return minor >= 69 && [...query.keys()].every((name) => name === 'all_tenants');
}

function checkNames(query: URLSearchParams, minor: number): void {
  for (const name of query.keys()) {
    if (OTHERS.has(name) || name in ADMIN_FILTERS || name.startsWith('_')) continue;
    if (name in FILTERS && (!name.includes('tags') || minor >= TAGS_SINCE)) continue;
    if (NOT_MODELLED.has(name)) throw new NotModelled(`query parameter ${name}`);
    if (name === 'metadata') throw novaError(400, 'Invalid filter field: metadata.');
    // Additional parameters are an error since 2.75, and passed over before.
    if (minor >= 75) throw novaError(400, `${toPython(name)} does not match any of the regexes: '^_'`);
  }
}

function readFilters(query: URLSearchParams, admin: boolean): Filter[] {
  return [...query].flatMap(([name, value]) => {
    const make = FILTERS[name] ?? (admin ? ADMIN_FILTERS[name] : undefined);
    return make === undefined ? [] : [make(value)];
  });
}

function candidates({ servers }: World, query: URLSearchParams, admin: boolean): Server[] {
  const live = [...servers.live.values()].reverse();
  if (query.has('changes-since')) {
    return [...live, ...servers.gone.values()].toSorted((a, b) => b.createdMs - a.createdMs);
  }
  if (!admin || !isTrue(query.get('deleted'))) return live.filter(({ vmState }) => vmState !== 'soft-delete');
  return [...servers.gone.values()].reverse();
}

function readLimit(query: URLSearchParams, max: number): number {
  const limit = query.get('limit');
  if (limit === null || limit === '') return max;
  if (!/^\d+$/.test(limit)) {
    throw novaError(
      400,
      `Invalid input for query parameters limit. Value: ${limit}. '${limit}' does not match '^[0-9]*$'`,
    );
  }
  // More than the server's own maximum is silently as much as that.
  return Math.min(Number(limit) || max, max);
}

function isTrue(value: string | null): boolean {
  return ['1', 'true', 'True', 't', 'yes', 'on', ''].includes(value ?? 'no');
}
