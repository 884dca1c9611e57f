import { z } from 'zod';

/** A network that servers can be attached to. */
export interface Network {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly status: string;
  readonly shared: boolean;
  /** `null` where Neutron doesn't say. */
  readonly mtu: number | null;
}

/** One item of `GET /v2.0/networks`. */
export const networkSchema = z
  .object({
    id: z.string().min(1),
    name: z.string(),
    project_id: z.string(),
    status: z.string(),
    shared: z.boolean(),
    mtu: z.number().nullish(),
  })
  .transform((wire): Network => ({
    id: wire.id,
    name: wire.name,
    projectId: wire.project_id,
    status: wire.status,
    shared: wire.shared,
    mtu: wire.mtu || null,
  }));

/** A security group. */
export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
}

/** One item of `GET /v2.0/security-groups`. */
export const securityGroupSchema = z
  .object({ id: z.string().min(1), name: z.string(), project_id: z.string() })
  .transform((wire): SecurityGroup => ({ id: wire.id, name: wire.name, projectId: wire.project_id }));

/** A port of a server. */
export interface Port {
  readonly id: string;
  readonly networkId: string;
  readonly status: string;
  /** The server it belongs to; empty for none. */
  readonly deviceId: string;
  readonly addresses: readonly string[];
  /** The host that it is bound to; `null` where it isn't bound and for a caller who isn't admin. */
  readonly hostId: string | null;
}

/** One item of `GET /v2.0/ports`. */
export const portSchema = z
  .object({
    id: z.string().min(1),
    network_id: z.string(),
    status: z.string(),
    device_id: z.string(),
    fixed_ips: z.array(z.object({ ip_address: z.string() })),
    'binding:host_id': z.string().nullish(),
  })
  .transform((wire): Port => ({
    id: wire.id,
    networkId: wire.network_id,
    status: wire.status,
    deviceId: wire.device_id,
    addresses: wire.fixed_ips.map(({ ip_address }) => ip_address),
    hostId: wire['binding:host_id'] || null,
  }));
