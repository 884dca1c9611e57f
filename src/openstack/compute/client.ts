import type { Aggregate } from './aggregate.ts';
import type { ComputeService } from './compute-service.ts';
import type { CreateServer, Pinning } from './create-server.ts';
import type { Flavor } from './flavor.ts';
import { createHostCalls } from './host-calls.ts';
import type { Hypervisor } from './hypervisor.ts';
import type { ComputeLimits } from './limits.ts';
import type { Server } from './server.ts';
import { createServerReads } from './server-reads.ts';
import { createServerWrites } from './server-writes.ts';
import type { ServiceClient } from '../service-client.ts';

/** Which servers to list; what is left out selects nothing away. */
export interface ServerFilter {
  /** Servers that have all of these tags; a tag holds no `,` and no `/`. */
  readonly tags?: readonly string[];
  /** The service host that they run on; heeded for an administrator only. */
  readonly host?: string;
  /** Servers of every project; needs admin. */
  readonly allProjects?: boolean;
}

/**
 * Nova. Nothing is repeated except once after a 401. Every function throws `OpenStackError`, or the signal's
 * reason when that is aborted. A listing is complete or fails; but Nova itself leaves out the servers and services of
 * a cell that doesn't answer, so that a shorter list is no proof that something is gone.
 * @see https://docs.openstack.org/api-ref/compute/
 */
export interface ComputeClient {
  /** The project that the account is of, where its servers are made. */
  getProjectId(signal?: AbortSignal): Promise<string>;
  listHypervisors(signal?: AbortSignal): Promise<readonly Hypervisor[]>;
  /** The `nova-compute` services, or only that of one host. */
  listComputeServices(
    filter: { readonly host?: string },
    signal?: AbortSignal,
  ): Promise<readonly ComputeService[]>;
  listAggregates(signal?: AbortSignal): Promise<readonly Aggregate[]>;
  /** Newest first. */
  listServers(filter: ServerFilter, signal?: AbortSignal): Promise<readonly Server[]>;
  /** `undefined` only when Nova itself says that there is no such server, or none that the caller may see. */
  getServer(id: string, signal?: AbortSignal): Promise<Server | undefined>;
  /** Asks for a server, once; it may still fail to be built, which only its status tells. */
  createServer(request: CreateServer, signal?: AbortSignal): Promise<{ readonly id: string }>;
  /**
   * Resolves if the account may pin servers in this way, and makes none: it asks for one of a flavor that there is not.
   * Nova looks at the right first, and without it throws `forbidden`; any other error says nothing about the right.
   * @see https://opendev.org/openstack/nova/src/branch/master/nova/api/openstack/compute/servers.py (`create`)
   */
  tryPinning(pinning: Pinning, signal?: AbortSignal): Promise<void>;
  /** `absent` when Nova itself says that there is no such server; `accepted` doesn't mean that it is gone. */
  deleteServer(id: string, signal?: AbortSignal): Promise<'accepted' | 'absent'>;
  /**
   * Ends for good a server that Nova keeps after its deletion (`SOFT_DELETED`); `absent` when there is none. `conflict`
   * while something else is done with it.
   */
  forceDeleteServer(id: string, signal?: AbortSignal): Promise<'accepted' | 'absent'>;
  /** Turns it off and on again, whatever its guest does; `conflict` while something else is done with it. */
  rebootServer(id: string, signal?: AbortSignal): Promise<void>;
  /** Adds these keys or overwrites their values; other keys stay. */
  setServerMetadata(
    id: string,
    metadata: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Removes one key; a key or a server that is absent is a success. */
  deleteServerMetadata(id: string, key: string, signal?: AbortSignal): Promise<void>;
  /** The last lines of the serial console; `''` where the hypervisor has none. */
  getConsoleTail(id: string, lines: number, signal?: AbortSignal): Promise<string>;
  /** Private flavors too, as far as the caller may see them. */
  listFlavors(signal?: AbortSignal): Promise<readonly Flavor[]>;
  getLimits(signal?: AbortSignal): Promise<ComputeLimits>;
}

/** Makes the client of Nova over a session; sends nothing yet. */
export function createComputeClient(nova: ServiceClient): ComputeClient {
  return {
    getProjectId: (signal) => nova.getProjectId(signal),
    ...createHostCalls(nova),
    ...createServerReads(nova),
    ...createServerWrites(nova),
  };
}
