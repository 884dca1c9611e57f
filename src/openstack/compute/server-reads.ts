import { z } from 'zod';

import { absentAs } from './absent.ts';
import type { ComputeClient } from './client.ts';
import { SERVERS } from './microversions.ts';
import { serverSchema } from './server.ts';
import { listPages } from '../paging.ts';
import type { ServiceClient } from '../service-client.ts';

/** An administrator is shown each server's user-data, up to 64 KiB: a page of Nova's own size, 1,000, would be 64 MB. */
const PAGE_SERVERS_MAX = 100;

/** The calls that look at servers. */
export function createServerReads(nova: ServiceClient) {
  return {
    async listServers(filter, signal) {
      const query = {
        limit: String(PAGE_SERVERS_MAX),
        ...(filter.tags === undefined || filter.tags.length === 0 ? {} : { tags: filter.tags.join(',') }),
        ...(filter.host === undefined ? {} : { host: filter.host }),
        ...(filter.allProjects === true ? { all_tenants: '1' } : {}),
      };
      return listPages(
        nova,
        {
          purpose: 'list servers',
          route: '/servers/detail',
          query,
          collection: 'servers',
          microversion: SERVERS,
        },
        serverSchema,
        signal,
      );
    },
    async getServer(id, signal) {
      const call = {
        purpose: 'get server',
        method: 'GET',
        route: '/servers/{id}',
        params: { id },
        microversion: SERVERS,
      } as const;
      return absentAs(undefined, async () => {
        const reply = await nova.send(call, signal);
        return reply.parse(z.object({ server: serverSchema })).server;
      });
    },
    async getConsoleTail(id, lines, signal) {
      const reply = await nova.send(
        {
          purpose: 'get console output',
          method: 'POST',
          route: '/servers/{id}/action',
          params: { id },
          json: { 'os-getConsoleOutput': { length: lines } },
          writes: false,
        },
        signal,
      );
      return reply.parse(z.object({ output: z.string().nullable() })).output ?? '';
    },
  } satisfies Partial<ComputeClient>;
}
