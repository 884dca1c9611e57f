import { availabilitySchema, portQuotaSchema, type AddressUse, type PortQuota } from './quota.ts';
import {
  networkSchema,
  portSchema,
  securityGroupSchema,
  type Network,
  type Port,
  type SecurityGroup,
} from './network.ts';
import { listPages } from '../paging.ts';
import type { ServiceClient } from '../service-client.ts';

/**
 * Neutron. Throws `OpenStackError`, or the signal's reason when that is aborted.
 * @see https://docs.openstack.org/api-ref/network/v2/
 */
export interface NetworkClient {
  /** Networks of exactly this name that the caller may see; names aren't unique. */
  listNetworks(filter: { readonly name: string }, signal?: AbortSignal): Promise<readonly Network[]>;
  /** Security groups of exactly this name, of every project for an administrator; names aren't unique. */
  listSecurityGroups(
    filter: { readonly name: string },
    signal?: AbortSignal,
  ): Promise<readonly SecurityGroup[]>;
  /** The ports of one server, also of one that failed to be built. */
  listPorts(filter: { readonly deviceId: string }, signal?: AbortSignal): Promise<readonly Port[]>;
  /** How many ports the caller's project has and may have; by default an administrator's alone to see. */
  getPortQuota(signal?: AbortSignal): Promise<PortQuota>;
  /** The use of a network's IPv4 addresses; `undefined` where it has none or the caller isn't shown it. */
  getAddressUse(networkId: string, signal?: AbortSignal): Promise<AddressUse | undefined>;
}

/** A database that compares without regard to case gives more than was asked for. */
function onlyNamed<Item extends { readonly name: string }>(items: readonly Item[], name: string) {
  return items.filter((item) => item.name === name);
}

/** Makes the client of Neutron over a session; sends nothing yet. */
export function createNetworkClient(neutron: ServiceClient): NetworkClient {
  return {
    async listNetworks({ name }, signal) {
      const networks = await listPages(
        neutron,
        { purpose: 'list networks', route: '/networks', query: { name }, collection: 'networks' },
        networkSchema,
        signal,
      );
      return onlyNamed(networks, name);
    },
    async listSecurityGroups({ name }, signal) {
      const groups = await listPages(
        neutron,
        {
          purpose: 'list security groups',
          route: '/security-groups',
          query: { name },
          collection: 'security_groups',
        },
        securityGroupSchema,
        signal,
      );
      return onlyNamed(groups, name);
    },
    listPorts: ({ deviceId }, signal) =>
      listPages(
        neutron,
        { purpose: 'list ports', route: '/ports', query: { device_id: deviceId }, collection: 'ports' },
        portSchema,
        signal,
      ),
    async getPortQuota(signal) {
      const params = { project: await neutron.getProjectId(signal) };
      const route = '/quotas/{project}/details.json';
      const reply = await neutron.send({ purpose: 'get port quota', method: 'GET', route, params }, signal);
      return reply.parse(portQuotaSchema);
    },
    async getAddressUse(networkId, signal) {
      const call = {
        purpose: 'get free addresses',
        method: 'GET',
        route: '/network-ip-availabilities',
        query: { network_id: networkId },
      } as const;
      return (await neutron.send(call, signal)).parse(availabilitySchema);
    },
  };
}
