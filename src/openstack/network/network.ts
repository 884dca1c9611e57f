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

/** What a security group lets in. */
export interface IngressRule {
  /** Neutron's word or the number of the protocol; `null` for all. */
  readonly protocol: string | null;
  /** First and last port, both included; `null` for all. */
  readonly ports: readonly [number, number] | null;
  /** The id of the group whose members alone are let in; `null` where it is not by group. */
  readonly fromGroup: string | null;
}

/** A security group. */
export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  /** `null` where a policy hides them. */
  readonly ingress: readonly IngressRule[] | null;
}

const ruleSchema = z.object({
  direction: z.string(),
  protocol: z.string().nullish(),
  port_range_min: z.number().nullish(),
  port_range_max: z.number().nullish(),
  remote_group_id: z.string().nullish(),
});

function toIngress(wire: z.infer<typeof ruleSchema>): IngressRule {
  const { protocol, port_range_min: first, port_range_max: last, remote_group_id: fromGroup } = wire;
  return {
    protocol: protocol ?? null,
    ports: first == null || last == null ? null : [first, last],
    fromGroup: fromGroup ?? null,
  };
}

/** One item of `GET /v2.0/security-groups`. */
export const securityGroupSchema = z
  .object({
    id: z.string().min(1),
    name: z.string(),
    project_id: z.string(),
    security_group_rules: z.array(ruleSchema).optional(),
  })
  .transform((wire): SecurityGroup => ({
    id: wire.id,
    name: wire.name,
    projectId: wire.project_id,
    ingress:
      wire.security_group_rules?.filter(({ direction }) => direction === 'ingress').map(toIngress) ?? null,
  }));

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
