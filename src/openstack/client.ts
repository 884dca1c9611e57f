import { createComputeClient, type ComputeClient } from './compute/client.ts';
import type { Credentials } from './credentials.ts';
import { createImageClient, type ImageClient } from './image/client.ts';
import { createNetworkClient, type NetworkClient } from './network/client.ts';
import { createServiceClient } from './service-client.ts';
import { createSession } from './session.ts';
import { createTransport, type RequestRecord } from './transport.ts';

/** Which of a service's endpoints to use. */
export type EndpointInterface = 'public' | 'internal' | 'admin';

/** Where and how one region of an OpenStack cloud is reached. */
export interface OpenStackOptions {
  readonly credentials: Credentials;
  /** Left out: the only region in the catalog. */
  readonly regionName?: string | undefined;
  readonly interface: EndpointInterface;
  /** Requests under way at once, at most. */
  readonly concurrency: number;
  /** Requests begun within any second, at most; below 1 for fewer than one a second. */
  readonly requestsPerSecond: number;
  /** For each request, from its sending to the end of its answer, in milliseconds; waiting for its turn isn't in it. */
  readonly requestTimeoutMs: number;
  /** PEM text of certificate authorities to trust instead of the system's own. */
  readonly ca?: string | undefined;
  /** Told of every request at its end, for metrics and logs; what it is told holds no secret. It must not throw. */
  readonly onRequest?: ((request: RequestRecord) => void) | undefined;
}

/** One region of an OpenStack cloud. */
export interface OpenStackClient {
  readonly compute: ComputeClient;
  readonly image: ImageClient;
  readonly network: NetworkClient;
}

/**
 * Makes a client; nothing is sent before its first call. One token serves all services and is renewed in time.
 * @throws OpenStackError `misconfigured` when the URL of Keystone is none.
 */
export function createOpenStackClient(options: OpenStackOptions): OpenStackClient {
  const transport = createTransport(options);
  const session = createSession(transport, options);
  return {
    compute: createComputeClient(createServiceClient(transport, session, 'compute')),
    image: createImageClient(createServiceClient(transport, session, 'image')),
    network: createNetworkClient(createServiceClient(transport, session, 'network')),
  };
}

export type { ComputeClient, ServerFilter } from './compute/client.ts';
export type { Aggregate } from './compute/aggregate.ts';
export type { ComputeService } from './compute/compute-service.ts';
export type { CreateServer, Pinning } from './compute/create-server.ts';
export type { Flavor } from './compute/flavor.ts';
export type { Hypervisor } from './compute/hypervisor.ts';
export type { ComputeLimits, Quota } from './compute/limits.ts';
export type { Server, ServerAddress } from './compute/server.ts';
export type { Credentials } from './credentials.ts';
export { OpenStackError, type OpenStackErrorCode, type WriteEffect } from './error.ts';
export type { ImageClient } from './image/client.ts';
export type { Image } from './image/image.ts';
export type { NetworkClient } from './network/client.ts';
export type { IngressRule, Network, Port, SecurityGroup } from './network/network.ts';
export type { AddressUse, PortQuota } from './network/quota.ts';
export type { RequestRecord } from './transport.ts';
