import type { Timer } from '../core/clock.ts';
import type { HostFault } from '../faults/schema.ts';
import type { Image } from '../glance/image.ts';
import type { Port } from '../neutron/state.ts';
import type { Flavor } from './flavors.ts';
import type { Host } from './hosts.ts';

/** How a server is tied to a host. */
export type Pinning =
  | { readonly kind: 'none' }
  /** `availability_zone: zone:host`: the scheduler's filters aren't run. */
  | { readonly kind: 'forced'; readonly host: string; readonly node: string | null }
  /** `host` and `hypervisor_hostname`: they are. */
  | { readonly kind: 'requested'; readonly host: Host };

/** Nova's own words for what a server is. */
export type VmState =
  | 'building'
  | 'active'
  | 'paused'
  | 'suspended'
  | 'resized'
  | 'stopped'
  | 'error'
  | 'deleted'
  | 'soft-delete';

/** Why a server is in ERROR. */
export interface ServerFault {
  readonly message: string;
  readonly details: string;
  readonly atMs: number;
}

/** What was done to a server. */
export interface ServerAction {
  readonly action: string;
  readonly requestId: string;
  readonly userId: string;
  readonly projectId: string;
  readonly startMs: number;
  finishMs: number | null;
  readonly event: string;
  host: string | null;
}

/** A migration: `migration` is a cold one. */
export interface Migration {
  readonly type: 'live-migration' | 'migration';
  readonly id: number;
  readonly uuid: string;
  readonly serverId: string;
  readonly source: Host;
  readonly target: Host;
  readonly userId: string;
  readonly projectId: string;
  readonly createdMs: number;
  updatedMs: number;
  status: 'running' | 'completed' | 'error' | 'migrating' | 'finished' | 'confirmed' | 'reverted';
}

/** A server. */
export interface Server {
  readonly id: string;
  readonly name: string;
  readonly projectId: string;
  readonly userId: string;
  readonly image: Image;
  readonly flavor: Flavor;
  readonly description: string | null;
  readonly keyName: string | null;
  readonly userData: string | null;
  readonly configDrive: boolean;
  readonly hostname: string;
  readonly reservationId: string;
  readonly securityGroups: readonly string[];
  readonly networkIds: readonly string[];
  readonly createdMs: number;
  readonly pinning: Pinning;
  /** Faults by `sim_fault` in the metadata, over those of its host. */
  readonly ownFault: HostFault;
  metadata: Record<string, string>;
  tags: readonly string[];
  updatedMs: number;
  launchedMs: number | null;
  terminatedMs: number | null;
  /** What it was asked to be in, then its host's zone. */
  zone: string;
  host: Host | null;
  /** Where it has room, which `host` doesn't tell while it is scheduled. */
  claimedBy: Host | null;
  instanceName: string;
  rootDevice: string | null;
  vmState: VmState;
  taskState: string | null;
  powerState: number;
  fault: ServerFault | null;
  locked: boolean;
  lockedReason: string | null;
  ports: readonly Port[];
  /** Addresses come late. */
  addressesKnown: boolean;
  /** A guest runs on its host. */
  running: boolean;
  /** DELETE came while it was being built. */
  deleteAfterBuild: boolean;
  timer: Timer | null;
  readonly actions: ServerAction[];
}

/** Servers by id, oldest first, and those that are gone. */
export class Servers {
  readonly live = new Map<string, Server>();
  readonly gone = new Map<string, Server>();
  readonly migrations: Migration[] = [];
  readonly groups = new Map<string, ServerGroup>();
  /** Instance names are numbered by the database of each cell; failed scheduling puts a server into `cell0`. */
  readonly #numbers = new Map<string, number>();

  /** The next instance name of a cell. */
  nextInstanceName(cell: string): string {
    const number = (this.#numbers.get(cell) ?? 0) + 1;
    this.#numbers.set(cell, number);
    return `instance-${number.toString(16).padStart(8, '0')}`;
  }
}

/** A group of servers with a policy, which the scheduler here doesn't heed. */
export interface ServerGroup {
  readonly id: string;
  readonly name: string;
  readonly policy: string;
  readonly projectId: string;
  readonly userId: string;
}

const ACTIVE_WITH_TASK: Readonly<Record<string, string>> = {
  migrating: 'MIGRATING',
  rebooting_hard: 'HARD_REBOOT',
  resize_migrating: 'RESIZE',
};

/**
 * Nova's word for what the public sees:
 * https://opendev.org/openstack/nova/src/branch/stable/2024.1/nova/api/openstack/common.py (_STATE_MAP)
 */
export function statusOf({ vmState, taskState }: Server): string {
  switch (vmState) {
    case 'building':
      return 'BUILD';
    case 'stopped':
      return 'SHUTOFF';
    case 'error':
      return 'ERROR';
    case 'deleted':
      return 'DELETED';
    case 'soft-delete':
      return 'SOFT_DELETED';
    case 'paused':
      return taskState === 'migrating' ? 'MIGRATING' : 'PAUSED';
    case 'suspended':
      return 'SUSPENDED';
    case 'resized':
      return taskState === 'resize_reverting' ? 'REVERT_RESIZE' : 'VERIFY_RESIZE';
    case 'active':
      return ACTIVE_WITH_TASK[taskState ?? ''] ?? 'ACTIVE';
  }
}
