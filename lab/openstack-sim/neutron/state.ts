import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { Addresses, AddressTaken } from './addresses.ts';

/** A network with its one subnet. */
export interface Network {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly shared: boolean;
  readonly createdMs: number;
  readonly segment: number;
  readonly subnetId: string | null;
  readonly addresses: Addresses | null;
}

/** A port. */
export interface Port {
  readonly id: string;
  readonly name: string;
  readonly network: Network;
  readonly projectId: string;
  readonly mac: string;
  readonly address: string | null;
  readonly createdMs: number;
  readonly securityGroups: readonly string[];
  deviceId: string;
  deviceOwner: string;
  hostId: string;
  status: 'ACTIVE' | 'DOWN';
  vifType: 'unbound' | 'ovs' | 'binding_failed';
  tags: readonly string[];
  updatedMs: number;
  revision: number;
}

/** A security group. */
export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly createdMs: number;
  readonly rules: readonly GroupRule[];
}

/** What a security group lets in or out. */
export interface GroupRule {
  readonly id: string;
  readonly direction: 'ingress' | 'egress';
  readonly ethertype: 'IPv4' | 'IPv6';
  /** `null` for all. */
  readonly protocol: 'tcp' | 'icmp' | null;
  /** The one port; `null` for all. */
  readonly port: number | null;
  /** The id of the group whose members alone are meant. */
  readonly group: string | null;
}

/** What a group lets in over IPv4: from everywhere, or from its own members only. */
export interface IngressOptions extends Pick<GroupRule, 'protocol'> {
  readonly port?: number;
  readonly members?: boolean;
}

/** Neutron's quotas of a project, in the order in which it writes them. */
export type NetworkQuota = Record<string, number>;

const QUOTA: NetworkQuota = {
  network: -1,
  subnet: -1,
  subnetpool: -1,
  port: -1,
  rbac_policy: 10,
  security_group: -1,
  security_group_rule: -1,
};

/** Why a port isn't made. */
export class PortRefused extends Error {
  readonly reason: 'quota' | 'taken' | 'exhausted';

  constructor(reason: PortRefused['reason']) {
    super(reason);
    this.reason = reason;
  }
}

/** Networks, ports and what they need. */
export class NetworkState {
  readonly networks = new Map<string, Network>();
  readonly ports = new Map<string, Port>();
  readonly groups = new Map<string, SecurityGroup>();
  readonly #quotas = new Map<string, NetworkQuota>();
  readonly #portsOfProject = new Map<string, number>();
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Makes a network; with a CIDR it gets a subnet. */
  addNetwork(name: string, projectId: string, cidr: string | null, shared = false): Network {
    const network: Network = {
      id: this.#random.uuid(),
      name,
      projectId,
      shared,
      createdMs: this.#clock.now(),
      segment: 1 + this.#random.below(4094),
      subnetId: cidr === null ? null : this.#random.uuid(),
      addresses: cidr === null ? null : new Addresses(cidr),
    };
    this.networks.set(network.id, network);
    this.defaultGroup(projectId);
    return network;
  }

  /** A network as far as the caller may see it. */
  visible(id: string, projectId: string, admin: boolean): Network | undefined {
    const network = this.networks.get(id);
    return network !== undefined && (admin || network.shared || network.projectId === projectId)
      ? network
      : undefined;
  }

  /** The group that every project has. */
  defaultGroup(projectId: string): SecurityGroup {
    const found = [...this.groups.values()].find(
      (one) => one.projectId === projectId && one.name === 'default',
    );
    return found ?? this.addGroup('default', projectId);
  }

  /** A group of a project, by its name or id; `default` is there in every project. */
  group(nameOrId: string, projectId: string): SecurityGroup | undefined {
    if (nameOrId === 'default') return this.defaultGroup(projectId);
    return [...this.groups.values()].find(
      (one) => one.projectId === projectId && (one.name === nameOrId || one.id === nameOrId),
    );
  }

  /** Makes a security group, which lets everything out, and nothing in but this. */
  addGroup(name: string, projectId: string, ingress: readonly IngressOptions[] = []): SecurityGroup {
    const id = this.#random.uuid();
    const all = { protocol: null, port: null, group: null };
    const rules: readonly Omit<GroupRule, 'id'>[] = [
      { ...all, ethertype: 'IPv4', direction: 'egress' },
      { ...all, ethertype: 'IPv6', direction: 'egress' },
      ...(name === 'default' ? (['IPv6', 'IPv4'] as const) : []).map(
        (ethertype) => ({ ...all, ethertype, direction: 'ingress', group: id }) as const,
      ),
      ...ingress.map(
        ({ protocol, port = null, members = false }) =>
          ({ protocol, port, ethertype: 'IPv4', direction: 'ingress', group: members ? id : null }) as const,
      ),
    ];
    const made = rules.map((rule) => ({ id: this.#random.uuid(), ...rule }));
    const group = { id, name, projectId, createdMs: this.#clock.now(), rules: made };
    this.groups.set(id, group);
    return group;
  }

  /** The quotas of a project; changes of it are kept. */
  quota(projectId: string): NetworkQuota {
    const known = this.#quotas.get(projectId) ?? { ...QUOTA };
    this.#quotas.set(projectId, known);
    return known;
  }

  /** How much a project has of what its quota limits, as far as it can be had here. */
  usage(projectId: string): NetworkQuota {
    const own = [...this.networks.values()].filter((network) => network.projectId === projectId);
    return {
      network: own.length,
      subnet: own.filter(({ subnetId }) => subnetId !== null).length,
      port: this.portsOf(projectId),
      security_group: [...this.groups.values()].filter((group) => group.projectId === projectId).length,
    };
  }

  /** How many ports a project has. */
  portsOf(projectId: string): number {
    return this.#portsOfProject.get(projectId) ?? 0;
  }

  /** Whether so many more ports would be too many. */
  exceedsPorts(projectId: string, more: number): boolean {
    const max = this.quota(projectId)['port'] ?? -1;
    return max >= 0 && this.portsOf(projectId) + more > max;
  }

  /** @throws PortRefused. */
  addPort(
    network: Network,
    projectId: string,
    more: { readonly name?: string; readonly address?: string; readonly groups?: readonly string[] } = {},
  ): Port {
    if (this.exceedsPorts(projectId, 1)) throw new PortRefused('quota');
    const { addresses } = network;
    let address: string | null;
    try {
      address = addresses === null ? null : addresses.take(more.address);
    } catch (error) {
      if (error instanceof AddressTaken)
        throw new PortRefused(more.address === undefined ? 'exhausted' : 'taken');
      throw error;
    }
    const nowMs = this.#clock.now();
    const port: Port = {
      id: this.#random.uuid(),
      name: more.name ?? '',
      network,
      projectId,
      mac: `fa:16:3e:${this.#random.hex(2)}:${this.#random.hex(2)}:${this.#random.hex(2)}`,
      address,
      createdMs: nowMs,
      updatedMs: nowMs,
      securityGroups: more.groups ?? [this.defaultGroup(projectId).id],
      deviceId: '',
      deviceOwner: '',
      hostId: '',
      status: 'DOWN',
      vifType: 'unbound',
      tags: [],
      revision: 1,
    };
    this.ports.set(port.id, port);
    this.#count(projectId, 1);
    return port;
  }

  /** Changes a port. */
  changePort(port: Port, change: Partial<Port>): void {
    Object.assign(port, change, { updatedMs: this.#clock.now(), revision: port.revision + 1 });
  }

  /** Removes a port and frees its address. */
  removePort(port: Port): void {
    if (!this.ports.delete(port.id)) return;
    if (port.address !== null) port.network.addresses?.free(port.address);
    this.#count(port.projectId, -1);
  }

  #count(projectId: string, change: number): void {
    this.#portsOfProject.set(projectId, (this.#portsOfProject.get(projectId) ?? 0) + change);
  }
}
