import type { Clock } from '../core/clock.ts';
import type { HypervisorOptions } from '../core/options.ts';
import type { Random } from '../core/random.ts';
import type { HostFault } from '../faults/schema.ts';
import type { Flavor } from './flavors.ts';

/** A compute host: its service and its hypervisor. */
export interface Host {
  /** Service host, such as `cmp001`. */
  readonly name: string;
  /** Full name, such as `cmp001.lab.example`. */
  readonly hypervisor: string;
  readonly serviceId: string;
  readonly serviceNumber: number;
  readonly hypervisorId: string;
  readonly hypervisorNumber: number;
  readonly type: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly diskGiB: number;
  readonly cell: string;
  readonly startedMs: number;
  /** When its compute service died; `null` while it lives. */
  diedMs: number | null;
  /** Whether its guests died too. */
  poweredOff: boolean;
  forcedDown: boolean;
  disabled: boolean;
  disabledReason: string | null;
  changedMs: number;
  fault: HostFault;
  /** Ids of the servers that have room here. */
  readonly servers: Set<string>;
  vcpusUsed: number;
  memoryUsedMiB: number;
  diskUsedGiB: number;
}

/** Kept by the hypervisor for itself (`reserved_host_memory_mb`). */
const RESERVED_MIB = 512;
/** `initial_cpu_allocation_ratio` of Zed. */
const CPU_RATIO = 4;
const REPORT_INTERVAL_MS = 10_000;
/** Scheduler and conductor were there first. */
const SERVICES_BEFORE = 6;

/** All compute hosts, in the order of their creation. */
export class Hosts {
  readonly all = new Map<string, Host>();
  readonly byHypervisor = new Map<string, Host>();
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #serviceDownTimeMs: number;
  #made = 0;

  constructor(clock: Clock, random: Random, serviceDownTimeMs: number) {
    this.#clock = clock;
    this.#random = random;
    this.#serviceDownTimeMs = serviceDownTimeMs;
  }

  /** @throws Error for a name that is taken. */
  add(options: HypervisorOptions = {}): Host {
    this.#made += 1;
    const name = options.host ?? `cmp${String(this.#made).padStart(3, '0')}`;
    if (this.all.has(name)) throw new Error(`there is a host ${name}`);
    const nowMs = this.#clock.now();
    const host: Host = {
      name,
      hypervisor: options.hypervisorHostname ?? `${name}.lab.example`,
      serviceId: this.#random.uuid(),
      serviceNumber: SERVICES_BEFORE + this.#made,
      hypervisorId: this.#random.uuid(),
      hypervisorNumber: this.#made,
      type: options.type ?? 'fake',
      vcpus: options.vcpus ?? 64,
      memoryMiB: options.memoryMiB ?? 262_144,
      diskGiB: options.diskGiB ?? 2_000,
      cell: options.cell ?? 'cell1',
      startedMs: nowMs,
      diedMs: null,
      poweredOff: false,
      forcedDown: options.state === 'down',
      disabled: options.status === 'disabled',
      disabledReason: options.disabledReason ?? null,
      changedMs: nowMs,
      fault: {},
      servers: new Set(),
      vcpusUsed: 0,
      memoryUsedMiB: RESERVED_MIB,
      diskUsedGiB: 0,
    };
    this.all.set(name, host);
    this.byHypervisor.set(host.hypervisor, host);
    return host;
  }

  /** Takes a host out of Nova's books. */
  remove(host: Host): void {
    this.all.delete(host.name);
    this.byHypervisor.delete(host.hypervisor);
  }

  /** @throws Error for a host that there isn't. */
  get(name: string): Host {
    const host = this.all.get(name);
    if (host === undefined) throw new Error(`no host ${name}`);
    return host;
  }

  /** What Nova believes: a dead service is `up` until it has been silent for the service_down_time. */
  isUp(host: Host): boolean {
    if (host.forcedDown) return false;
    return host.diedMs === null || this.#clock.now() - host.diedMs < this.#serviceDownTimeMs;
  }

  /** When the service last reported, or was last changed. */
  updatedMs(host: Host): number {
    const untilMs = host.diedMs ?? this.#clock.now();
    const reportedMs = untilMs - ((untilMs - host.startedMs) % REPORT_INTERVAL_MS);
    return Math.max(reportedMs, host.changedMs);
  }

  /** Whether there is room for one more server. */
  hasRoom(host: Host, { vcpus, ramMiB, diskGiB }: Flavor): boolean {
    return (
      vcpus <= host.vcpus &&
      host.vcpusUsed + vcpus <= host.vcpus * CPU_RATIO &&
      host.memoryUsedMiB + ramMiB <= host.memoryMiB &&
      host.diskUsedGiB + diskGiB <= host.diskGiB
    );
  }

  /** Takes room. */
  claim(host: Host, serverId: string, flavor: Flavor): void {
    if (host.servers.has(serverId)) return;
    host.servers.add(serverId);
    this.#use(host, flavor, 1);
  }

  /** Gives room back. */
  release(host: Host, serverId: string, flavor: Flavor): void {
    if (host.servers.delete(serverId)) this.#use(host, flavor, -1);
  }

  #use(host: Host, flavor: Flavor, sign: 1 | -1): void {
    host.vcpusUsed += sign * flavor.vcpus;
    host.memoryUsedMiB += sign * flavor.ramMiB;
    host.diskUsedGiB += sign * flavor.diskGiB;
  }
}
