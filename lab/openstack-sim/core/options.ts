import type { ClockKind } from './clock.ts';
import type { ServiceName } from '../http/call.ts';
import type { IngressOptions } from '../neutron/state.ts';

/** One hypervisor to begin with; what is left out is as in the real lab. */
export interface HypervisorOptions {
  /** Service host; `cmp001`, `cmp002`, … by default. */
  readonly host?: string;
  /** `cmp001.lab.example` by default. */
  readonly hypervisorHostname?: string;
  /** Availability zone; `nova` by default. */
  readonly zone?: string;
  readonly status?: 'enabled' | 'disabled';
  readonly disabledReason?: string;
  /** `down`: forced down, the host itself is alive. */
  readonly state?: 'up' | 'down';
  /** `fake` by default, as in the real lab; `QEMU`, `ironic`, … */
  readonly type?: string;
  readonly vcpus?: number;
  readonly memoryMiB?: number;
  readonly diskGiB?: number;
  readonly cell?: string;
}

/** How long the stages of a server's life take. */
export interface Durations {
  readonly schedulingMs: number;
  readonly networkingMs: number;
  readonly spawningMs: number;
  /** From DELETE to the status DELETED. */
  readonly deletingMs: number;
  /** How long a deleted server is still shown. */
  readonly deletedShownMs: number;
  /** Without a compute service Nova deletes by itself. */
  readonly localDeleteMs: number;
  readonly migratingMs: number;
  /** Stop, start and hard reboot. */
  readonly poweringMs: number;
}

/** See `startOpenstackSim`. */
export interface OpenstackSimOptions {
  /** A number of them, or each; 3 by default. */
  readonly hypervisors?: number | readonly HypervisorOptions[];
  /** Zones given in turn to counted hypervisors. */
  readonly zones?: readonly string[];
  /** 1 by default. */
  readonly seed?: number;
  readonly clock?: ClockKind;
  /** Of `probe-net`; `10.77.0.0/16` by default. */
  readonly networkCidr?: string;
  /** Security groups in the project `probes` besides `default`, by name, with what they let in. */
  readonly securityGroups?: Readonly<Record<string, readonly IngressOptions[]>>;
  /** Items a page, at most; 1000 by default. */
  readonly maxLimit?: number;
  /** All three stages of a build together, or each duration. */
  readonly bootMs?: number;
  readonly durations?: Partial<Durations>;
  /** 60 000 by default. */
  readonly serviceDownTimeMs?: number;
  readonly tokenLifetimeMs?: number;
  /** Above 0 a delete is a SOFT_DELETED first. */
  readonly reclaimInstanceIntervalSeconds?: number;
  /** Ports to listen on; free ones by default. */
  readonly ports?: Partial<Record<ServiceName, number>>;
  /** Address to listen on, and the name by which others reach it; loopback by default. */
  readonly listen?: { readonly address: string; readonly name: string };
}

/** {@link OpenstackSimOptions} with everything in it that others look up. */
export interface Settings {
  readonly maxLimit: number;
  readonly durations: Durations;
  readonly serviceDownTimeMs: number;
  readonly tokenLifetimeMs: number;
  readonly reclaimIntervalMs: number;
}

/** Fills in the defaults. */
export function resolveSettings(options: OpenstackSimOptions): Settings {
  const { bootMs = 3_000 } = options;
  return {
    maxLimit: options.maxLimit ?? 1_000,
    durations: {
      schedulingMs: Math.round(bootMs / 3),
      networkingMs: Math.round(bootMs / 6),
      spawningMs: bootMs - Math.round(bootMs / 3) - Math.round(bootMs / 6),
      deletingMs: 1_000,
      deletedShownMs: 300,
      localDeleteMs: 1_500,
      migratingMs: 2_000,
      poweringMs: 500,
      ...options.durations,
    },
    serviceDownTimeMs: options.serviceDownTimeMs ?? 60_000,
    tokenLifetimeMs: options.tokenLifetimeMs ?? 3_600_000,
    reclaimIntervalMs: (options.reclaimInstanceIntervalSeconds ?? 0) * 1_000,
  };
}
