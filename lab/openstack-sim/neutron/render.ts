import { isoSeconds } from '../core/time.ts';
import type { Network, Port, SecurityGroup } from './state.ts';

/** A network; the provider's part is for administrators. */
export function renderNetwork(network: Network, admin: boolean): object {
  const created = isoSeconds(network.createdMs);
  return {
    id: network.id,
    name: network.name,
    tenant_id: network.projectId,
    admin_state_up: true,
    mtu: 1500,
    status: 'ACTIVE',
    subnets: network.subnetId === null ? [] : [network.subnetId],
    shared: network.shared,
    availability_zone_hints: [],
    availability_zones: [],
    ipv4_address_scope: null,
    ipv6_address_scope: null,
    'router:external': false,
    description: '',
    port_security_enabled: true,
    tags: [],
    created_at: created,
    updated_at: created,
    revision_number: 2,
    project_id: network.projectId,
    ...(admin
      ? {
          'provider:network_type': 'vlan',
          'provider:physical_network': 'physnet1',
          'provider:segmentation_id': network.segment,
        }
      : {}),
  };
}

/** The use of a network's addresses. */
export function renderAvailability(network: Network): object {
  const { total = 0, used = 0 } = network.addresses?.use ?? {};
  const subnet = {
    cidr: network.addresses?.cidr ?? null,
    ip_version: 4,
    subnet_id: network.subnetId,
    subnet_name: subnetName(network),
    total_ips: total,
    used_ips: used,
  };
  return {
    network_id: network.id,
    network_name: network.name,
    tenant_id: network.projectId,
    project_id: network.projectId,
    subnet_ip_availability: network.addresses === null ? [] : [subnet],
    total_ips: total,
    used_ips: used,
  };
}

function subnetName({ name }: Network): string {
  return `${name.replace(/-net$/, '')}-subnet`;
}

/** The subnet of a network. */
export function renderSubnet(network: Network): object {
  const { addresses } = network;
  const created = isoSeconds(network.createdMs);
  return {
    id: network.subnetId,
    name: subnetName(network),
    tenant_id: network.projectId,
    network_id: network.id,
    ip_version: 4,
    subnetpool_id: null,
    enable_dhcp: false,
    ipv6_ra_mode: null,
    ipv6_address_mode: null,
    gateway_ip: addresses?.gateway ?? null,
    cidr: addresses?.cidr ?? null,
    allocation_pools: addresses === null ? [] : [{ start: addresses.first, end: addresses.last }],
    host_routes: [],
    dns_nameservers: [],
    description: '',
    service_types: [],
    tags: [],
    created_at: created,
    updated_at: created,
    revision_number: 0,
    project_id: network.projectId,
  };
}

/** A port; its binding is for administrators. */
export function renderPort(port: Port, admin: boolean): object {
  const details =
    port.vifType === 'ovs'
      ? { port_filter: true, ovs_hybrid_plug: false, connectivity: 'l2', bound_drivers: { '0': 'labmech' } }
      : {};
  return {
    id: port.id,
    name: port.name,
    network_id: port.network.id,
    tenant_id: port.projectId,
    mac_address: port.mac,
    admin_state_up: true,
    status: port.status,
    device_id: port.deviceId,
    device_owner: port.deviceOwner,
    fixed_ips: port.address === null ? [] : [{ subnet_id: port.network.subnetId, ip_address: port.address }],
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    security_groups: port.securityGroups,
    description: '',
    'binding:vnic_type': 'normal',
    ...(admin
      ? {
          'binding:profile': {},
          'binding:host_id': port.hostId,
          'binding:vif_type': port.vifType,
          'binding:vif_details': details,
        }
      : {}),
    port_security_enabled: true,
    tags: port.tags,
    created_at: isoSeconds(port.createdMs),
    updated_at: isoSeconds(port.updatedMs),
    revision_number: port.revision,
    project_id: port.projectId,
  };
}

/** A security group with its rules. */
export function renderGroup(group: SecurityGroup): object {
  const created = isoSeconds(group.createdMs);
  return {
    id: group.id,
    name: group.name,
    stateful: true,
    tenant_id: group.projectId,
    description: group.name === 'default' ? 'Default security group' : '',
    shared: false,
    security_group_rules: group.rules.map(
      ({ id, ethertype, direction, protocol, port, group: from }, index) => ({
        id,
        tenant_id: group.projectId,
        security_group_id: group.id,
        ethertype,
        direction,
        protocol,
        port_range_min: port,
        port_range_max: port,
        remote_ip_prefix: null,
        remote_address_group_id: null,
        normalized_cidr: null,
        remote_group_id: from,
        standard_attr_id: index + 2,
        description: null,
        tags: [],
        created_at: created,
        updated_at: created,
        revision_number: 0,
        project_id: group.projectId,
      }),
    ),
    tags: [],
    created_at: created,
    updated_at: created,
    revision_number: 1,
    project_id: group.projectId,
  };
}
