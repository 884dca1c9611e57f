import { objectIn } from '../http/call.ts';
import { cutPage, nextSortedQuery } from '../http/page.ts';
import type { Route } from '../http/router.ts';
import { novaError, requireAdmin } from './errors.ts';
import { FLAVORS, type Flavor } from './flavors.ts';
import { linksTo } from './renderServer.ts';
import type { World } from './world.ts';

/** The calls about what a project may use: flavors, limits, quotas. */
export function offerRoutes(world: World): Route[] {
  return [...flavorRoutes(world), ...quotaRoutes(world)];
}

function flavorRoutes(world: World): Route[] {
  const describe = (minor: number): object => (minor >= 55 ? { description: null } : {});
  const head = ({ id, name }: Flavor, minor: number): object => ({
    id,
    name,
    links: linksTo(world, `flavors/${id}`),
    ...describe(minor),
  });
  const full = (flavor: Flavor, minor: number): object => ({
    id: flavor.id,
    name: flavor.name,
    ram: flavor.ramMiB,
    disk: flavor.diskGiB,
    // An empty string before 2.75.
    swap: minor >= 75 ? 0 : '',
    'OS-FLV-EXT-DATA:ephemeral': 0,
    'OS-FLV-DISABLED:disabled': false,
    vcpus: flavor.vcpus,
    'os-flavor-access:is_public': true,
    rxtx_factor: 1,
    links: linksTo(world, `flavors/${flavor.id}`),
    ...describe(minor),
    ...(minor >= 61 ? { extra_specs: {} } : {}),
  });
  const list = (path: string, render: (flavor: Flavor, minor: number) => object): Route => ({
    method: 'GET',
    path,
    query: ['limit', 'marker', 'is_public'],
    answer: ({ query, minor }) => {
      const { maxLimit } = world.settings;
      const limit = Math.min(Number(query.get('limit') ?? 0) || maxLimit, maxLimit);
      const marker = query.get('marker');
      const page = cutPage(FLAVORS, ({ id }) => id, { marker, limit });
      if (page === undefined) throw novaError(400, `marker [${marker ?? ''}] not found`);
      const href = `${world.origin}/v2.1${path}?${nextSortedQuery(query, page.next ?? '')}`;
      const links = page.next === undefined ? {} : { flavors_links: [{ rel: 'next', href }] };
      return { status: 200, body: { flavors: page.items.map((flavor) => render(flavor, minor)), ...links } };
    },
  });
  return [
    list('/flavors', head),
    list('/flavors/detail', full),
    {
      method: 'GET',
      path: '/flavors/{id}',
      answer: ({ params, minor }) => {
        const flavor = FLAVORS.find(({ id }) => id === params['id']);
        if (flavor === undefined) throw novaError(404, `Flavor ${params['id'] ?? ''} could not be found.`);
        return { status: 200, body: { flavor: full(flavor, minor) } };
      },
    },
  ];
}

function quotaRoutes({ quotas }: World): Route[] {
  return [
    {
      method: 'GET',
      path: '/limits',
      answer: ({ caller, minor }) => {
        const quota = quotas.of(caller.projectId);
        const used = quotas.usage(caller.projectId);
        const absolute = {
          maxTotalInstances: quota['instances'],
          maxTotalCores: quota['cores'],
          maxTotalRAMSize: quota['ram'],
          maxServerMeta: quota['metadata_items'],
          ...(minor < 39 ? { maxImageMeta: 128 } : {}),
          ...(minor < 57 ? { maxPersonality: 5, maxPersonalitySize: 10_240 } : {}),
          maxTotalKeypairs: quota['key_pairs'],
          maxServerGroups: quota['server_groups'],
          maxServerGroupMembers: quota['server_group_members'],
          ...(minor < 36
            ? { maxTotalFloatingIps: -1, maxSecurityGroups: -1, maxSecurityGroupRules: -1 }
            : {}),
          totalRAMUsed: used.ram,
          totalCoresUsed: used.cores,
          totalInstancesUsed: used.instances,
          ...(minor < 36 ? { totalFloatingIpsUsed: 0, totalSecurityGroupsUsed: 0 } : {}),
          totalServerGroupsUsed: 0,
        };
        return { status: 200, body: { limits: { rate: [], absolute } } };
      },
    },
    {
      method: 'GET',
      path: '/os-quota-sets/{project}',
      answer: ({ params }) => {
        const id = params['project'] ?? '';
        return { status: 200, body: { quota_set: { id, ...quotas.of(id) } } };
      },
    },
    {
      method: 'PUT',
      path: '/os-quota-sets/{project}',
      answer: ({ caller, params, body }) => {
        requireAdmin(caller, 'os_compute_api:os-quota-sets:update');
        const quota = quotas.of(params['project'] ?? '');
        for (const [name, max] of Object.entries(objectIn(body, 'quota_set'))) {
          if (name in quota) quota[name] = Number(max);
        }
        return { status: 200, body: { quota_set: quota } };
      },
    },
  ];
}
