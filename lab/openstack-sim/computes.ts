import { hostFaultSchema } from './faults/schema.ts';
import type { HypervisorOptions } from './core/options.ts';
import { terminate } from './nova/deletion.ts';
import type { Host } from './nova/hosts.ts';
import { statusOf, type Server } from './nova/servers.ts';
import { setState, type World } from './nova/world.ts';

/** A server as it is, whatever Nova's lists show of it. */
export interface StandingServer {
  readonly id: string;
  readonly host: string | null;
  readonly status: string;
  readonly taskState: string | null;
  readonly metadata: Readonly<Record<string, string>>;
  /** By the simulation's clock, in milliseconds since the epoch. */
  readonly createdMs: number;
}

/** What an operator, or bad luck, does to compute hosts. Names are those of the real lab's `Lab`, where it has them. */
export class Computes {
  readonly #world: World;
  /** Memory taken up by `fillHost`, in MiB. */
  readonly #filled = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Service hosts, in the order in which they were added. */
  hosts(): readonly string[] {
    return [...this.#world.hosts.all.keys()];
  }

  /** The name of a service host's hypervisor in Nova's list. */
  hypervisorOf(host: string): string {
    return this.#world.hosts.get(host).hypervisor;
  }

  /** Whether Nova believes that a host's compute service is up. */
  isUp(host: string): boolean {
    return this.#world.hosts.isUp(this.#world.hosts.get(host));
  }

  /** All servers that there are, also those of a cell that doesn't answer, and those that Nova keeps for a while. */
  servers(): readonly StandingServer[] {
    return [...this.#world.servers.live.values()].map((server) => {
      const { id, host, taskState, metadata, createdMs } = server;
      return { id, host: host?.name ?? null, status: statusOf(server), taskState, metadata, createdMs };
    });
  }

  /** Kills the compute service of a host; its guests live on, and Nova sees it down after the service_down_time. */
  killCompute(host: string): void {
    const found = this.#world.hosts.get(host);
    found.diedMs ??= this.#world.clock.now();
  }

  /** Takes the power from a host: as `killCompute`, and its guests end. */
  powerOff(host: string): void {
    this.killCompute(host);
    const found = this.#world.hosts.get(host);
    found.poweredOff = true;
    for (const server of this.#serversOn(found)) this.#world.guests.end(server);
  }

  /** Starts a dead host's compute service again, which ends what was left undone. */
  reviveCompute(host: string): void {
    const found = this.#world.hosts.get(host);
    const { poweredOff } = found;
    found.diedMs = null;
    found.poweredOff = false;
    for (const server of this.#serversOn(found)) this.#resume(server, poweredOff);
    this.#reap(host);
  }

  /** Adds hypervisors after the last one; gives their service hosts. */
  addHypervisors(count: number, options: HypervisorOptions = {}): string[] {
    return Array.from({ length: count }, () => this.addHypervisor(options));
  }

  /** Adds one. */
  addHypervisor(options: HypervisorOptions = {}): string {
    const { name } = this.#world.hosts.add(options);
    this.#world.aggregates.place(name, options.zone ?? 'nova');
    return name;
  }

  /** Takes a hypervisor out of Nova: its service is deleted. @throws Error while servers are there. */
  removeHypervisor(host: string): void {
    const found = this.#world.hosts.get(host);
    if (found.servers.size > 0) throw new Error(`${host} has ${found.servers.size} servers`);
    this.#world.hosts.remove(found);
    this.#world.aggregates.forget(host);
  }

  /** Makes a host misbehave, for instance `{ spawn_error: 'text' }` or `{ destroy_delay: 5 }` (seconds). */
  setFault(host: string, fault: Readonly<Record<string, unknown>>): void {
    this.#world.hosts.get(host).fault = hostFaultSchema.parse(fault);
  }

  /** Heals the host. */
  clearFault(host: string): void {
    this.#world.hosts.get(host).fault = {};
  }

  /** Takes up all memory that is left on a host, as other tenants' servers would. */
  fillHost(host: string): void {
    const found = this.#world.hosts.get(host);
    this.#filled.set(host, found.memoryMiB - found.memoryUsedMiB);
    found.memoryUsedMiB = found.memoryMiB;
  }

  /** Gives that memory back. */
  emptyHost(host: string): void {
    this.#world.hosts.get(host).memoryUsedMiB -= this.#filled.get(host) ?? 0;
    this.#filled.delete(host);
  }

  /** Disables the compute service of a host. */
  disable(host: string, reason?: string): void {
    Object.assign(this.#world.hosts.get(host), {
      disabled: true,
      disabledReason: reason ?? null,
      changedMs: this.#world.clock.now(),
    });
  }

  /** Enables it again. */
  enable(host: string): void {
    Object.assign(this.#world.hosts.get(host), {
      disabled: false,
      disabledReason: null,
      changedMs: this.#world.clock.now(),
    });
  }

  /** Declares a host down, or no longer. */
  forceDown(host: string, down = true): void {
    this.#world.hosts.get(host).forcedDown = down;
  }

  /** The host loses its libvirt: Nova disables its service by itself. */
  loseLibvirt(host: string): void {
    this.disable(host, 'AUTO: Connection to libvirt lost: 1');
  }

  /** Ends guests whose servers were deleted meanwhile. */
  #reap(host: string): void {
    const { guests, servers } = this.#world;
    for (const guest of guests.running()) {
      const server = servers.gone.get(guest.serverId);
      if (guest.host === host && server !== undefined) guests.end(server);
    }
  }

  #serversOn(host: Host): Server[] {
    return [...host.servers].flatMap((id) => this.#world.servers.live.get(id) ?? []);
  }

  #resume(server: Server, poweredOff: boolean): void {
    const { guests } = this.#world;
    if (server.host === null) return;
    if (server.taskState === 'deleting') return terminate(this.#world, server);
    if (server.vmState === 'building') return setState(this.#world, server, { vm: 'error', task: null });
    if (server.vmState !== 'active') return;
    if (poweredOff) return setState(this.#world, server, { vm: 'stopped', task: null, power: 4 });
    if (server.taskState !== null) setState(this.#world, server, { task: null });
    guests.boot(server);
  }
}
