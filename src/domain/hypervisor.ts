/** A Nova compute host, reduced to what decides whether it carries a probe. */
export interface Hypervisor {
  /** `hypervisor_hostname`: the name that identifies it everywhere. */
  readonly hostname: string;
  /** Service `host`: what pinning and `OS-EXT-SRV-ATTR:host` speak of. */
  readonly serviceHost: string;
  readonly type: string;
  readonly enabled: boolean;
  readonly up: boolean;
  readonly disabledReason: string | null;
  readonly availabilityZone: string | null;
  readonly aggregates: readonly string[];
  /** Whether servers other than probes run there; only looked at while it is disabled, `null` where Nova doesn't say. */
  readonly occupied: boolean | null;
}

/** Nova's types of hosts that can't carry a small VM beside others. */
const BARE_METAL_TYPES: ReadonlySet<string> = new Set(['ironic']);

/** Whether the hypervisor hands out whole machines, so that a probe on it would cost one. */
export function isBareMetal(hypervisor: Hypervisor): boolean {
  return BARE_METAL_TYPES.has(hypervisor.type.toLowerCase());
}
