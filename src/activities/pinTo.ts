import type { Hypervisor } from '../domain/hypervisor.ts';
import type { Pinning } from '../openstack/client.ts';

/** How Nova is told on which hypervisor a server is to run. */
export function pinTo(
  {
    hostname,
    serviceHost,
    availabilityZone,
  }: Pick<Hypervisor, 'hostname' | 'serviceHost' | 'availabilityZone'>,
  pinning: 'requested' | 'forced',
): Pinning {
  return pinning === 'requested'
    ? { kind: 'requested', host: serviceHost, hypervisorHostname: hostname }
    : { kind: 'forced', zone: availabilityZone ?? 'nova', host: serviceHost };
}
