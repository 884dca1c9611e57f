import { z } from 'zod';

/** The ports of a project; `max` is `null` where they are unlimited. */
export interface PortQuota {
  readonly used: number;
  readonly max: number | null;
}

/**
 * `GET /v2.0/quotas/{project}/details.json`; Neutron writes "unlimited" as -1.
 * @see https://docs.openstack.org/api-ref/network/v2/#show-quota-details-for-a-tenant
 */
export const portQuotaSchema = z
  .object({
    quota: z.object({
      port: z.object({ used: z.number(), limit: z.number(), reserved: z.number().default(0) }),
    }),
  })
  .transform(({ quota: { port } }): PortQuota => ({
    used: port.used + port.reserved,
    max: port.limit < 0 ? null : port.limit,
  }));

/** Addresses of a network. */
export interface AddressUse {
  readonly used: number;
  readonly total: number;
}

/**
 * `GET /v2.0/network-ip-availabilities`, which lists nothing for whom it may not be shown. IPv6 has enough for everybody.
 * @see https://docs.openstack.org/api-ref/network/v2/#network-ip-availability-and-usage-stats
 */
export const availabilitySchema = z
  .object({
    network_ip_availabilities: z.array(
      z.object({
        subnet_ip_availability: z.array(
          z.object({ ip_version: z.number(), total_ips: z.number(), used_ips: z.number() }),
        ),
      }),
    ),
  })
  .transform(({ network_ip_availabilities: networks }): AddressUse | undefined => {
    const subnets = networks
      .flatMap(({ subnet_ip_availability: all }) => all)
      .filter(({ ip_version: version }) => version === 4);
    if (subnets.length === 0) return undefined;
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
    return {
      used: sum(subnets.map(({ used_ips: used }) => used)),
      total: sum(subnets.map(({ total_ips: total }) => total)),
    };
  });
