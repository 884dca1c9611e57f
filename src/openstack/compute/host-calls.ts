import { aggregateSchema } from './aggregate.ts';
import type { ComputeClient } from './client.ts';
import { computeServiceSchema } from './compute-service.ts';
import { flavorSchema } from './flavor.ts';
import { hypervisorSchema } from './hypervisor.ts';
import { limitsSchema } from './limits.ts';
import { FLAVORS, HYPERVISORS, SERVICES } from './microversions.ts';
import { listPages } from '../paging.ts';
import type { ServiceClient } from '../service-client.ts';

/** The calls about hosts and what they offer. */
export function createHostCalls(nova: ServiceClient) {
  return {
    listHypervisors: (signal) =>
      listPages(
        nova,
        {
          purpose: 'list hypervisors',
          route: '/os-hypervisors/detail',
          collection: 'hypervisors',
          microversion: HYPERVISORS,
        },
        hypervisorSchema,
        signal,
      ),
    listComputeServices: ({ host }, signal) =>
      listPages(
        nova,
        {
          purpose: 'list compute services',
          route: '/os-services',
          query: { binary: 'nova-compute', ...(host === undefined ? {} : { host }) },
          collection: 'services',
          microversion: SERVICES,
        },
        computeServiceSchema,
        signal,
      ),
    listAggregates: (signal) =>
      listPages(
        nova,
        { purpose: 'list aggregates', route: '/os-aggregates', collection: 'aggregates' },
        aggregateSchema,
        signal,
      ),
    // Without `is_public=None` an administrator is shown public flavors only.
    listFlavors: (signal) =>
      listPages(
        nova,
        {
          purpose: 'list flavors',
          route: '/flavors/detail',
          query: { is_public: 'None' },
          collection: 'flavors',
          microversion: FLAVORS,
        },
        flavorSchema,
        signal,
      ),
    async getLimits(signal) {
      const reply = await nova.send({ purpose: 'get limits', method: 'GET', route: '/limits' }, signal);
      return reply.parse(limitsSchema);
    },
  } satisfies Partial<ComputeClient>;
}
