import { isIPv4 } from 'node:net';

import { createSharedCheck } from './agent.ts';
import { createDoors, PORTS, type Doors, type Exporter, type Listen } from './doors.ts';
import { createGuest, type Guest, type GuestServer, type GuestState, type Place } from './guest.ts';
import { createSharedChoice } from './mesh.ts';
import type { LoadModel } from './model.ts';
import { createPeersSource } from './peersSource.ts';

/** Options of {@link startGuests}. */
export interface GuestsOptions {
  /** How often each agent pulls the peers document, whatever its settings say: a lab has no five minutes. */
  readonly pullMs: number;
  /** Time from the server's start until its exporters answer. */
  readonly bootMs: number;
  readonly listen: Listen;
  readonly model: LoadModel;
  /** 9100 and 9374 by default. */
  readonly ports?: Readonly<Record<Exporter, number>>;
  readonly log?: (line: string) => void;
}

/** The guests of a simulated cloud. */
export interface Guests {
  /** The server became ACTIVE. A server that has a guest already boots again. */
  boot(server: GuestServer): void;
  /** The server is gone. */
  stop(serverId: string): Promise<void>;
  /** The server was migrated; its addresses, counters and peers stay. */
  move(serverId: string, place: Place): void;
  /** The guest's host died or lost its network, or is back. */
  setReachable(serverId: string, reachable: boolean): void;
  states(): readonly GuestState[];
  stopAll(): Promise<void>;
}

interface Entry {
  readonly guest: Guest;
  readonly booting: NodeJS.Timeout;
}

/**
 * Starts a lab without guests.
 *
 * @throws Error when a port of `wildcard` is taken.
 */
export async function startGuests(options: GuestsOptions): Promise<Guests> {
  const { model, pullMs, bootMs, listen, log = () => undefined } = options;
  const entries = new Map<string, Entry>();
  const byAddress = new Map<string, Guest>();
  const { ports = PORTS } = options;
  const doors: Doors = await createDoors({
    listen,
    ports,
    isReachable,
    answer: (address, exporter) =>
      isReachable(address, exporter) ? (byAddress.get(address)?.render(exporter) ?? null) : null,
  });
  const source = createPeersSource(model.now, pullMs / 2);
  const deps = {
    model,
    pullMs,
    source,
    check: createSharedCheck(),
    choose: createSharedChoice(),
    exporterPort: ports.ping,
    answers,
  };

  function isReachable(address: string, exporter: Exporter): boolean {
    const guest = byAddress.get(address);
    return guest !== undefined && guest.isReachable() && guest.exporters.includes(exporter);
  }

  function answers(address: string): boolean {
    return byAddress.get(address)?.isReachable() ?? false;
  }

  async function finishBoot(guest: Guest): Promise<void> {
    const { serverId } = guest.server;
    try {
      for (const address of addressesOf(guest)) {
        const other = byAddress.get(address)?.server.serverId;
        if (other !== undefined) throw new Error(`${address} is the address of server ${other} already`);
        byAddress.set(address, guest);
        for (const exporter of guest.exporters) await doors.open(address, exporter);
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      log(`the guest of server ${serverId} can't be reached: ${why}`);
      await leave(guest);
      guest.fail(why);
      return;
    }
    // It may have been stopped while its listeners were being opened.
    if (entries.get(serverId)?.guest === guest) guest.run();
    else await leave(guest);
  }

  async function leave(guest: Guest): Promise<void> {
    guest.stop();
    const own = addressesOf(guest).filter((address) => byAddress.get(address) === guest);
    for (const address of own) byAddress.delete(address);
    await Promise.all(own.map((address) => doors.close(address)));
  }

  async function stop(serverId: string): Promise<void> {
    const entry = entries.get(serverId);
    if (entry === undefined) return;
    entries.delete(serverId);
    clearTimeout(entry.booting);
    await leave(entry.guest);
  }

  function boot(server: GuestServer): void {
    // The addresses of the one before are free at once, only its connections take until they are broken.
    void stop(server.serverId);
    const guest = createGuest(server, deps);
    const { problem } = guest.state();
    if (problem !== null) log(`server ${server.serverId} has no agent: ${problem}`);
    const booting = setTimeout(() => void finishBoot(guest), bootMs);
    entries.set(server.serverId, { guest, booting });
  }

  function guestOf(serverId: string): Guest | undefined {
    return entries.get(serverId)?.guest;
  }

  return {
    boot,
    stop,
    move: (serverId, place) => guestOf(serverId)?.move(place),
    setReachable: (serverId, reachable) => {
      const guest = guestOf(serverId);
      guest?.setReachable(reachable);
      if (guest !== undefined && !reachable) {
        for (const address of addressesOf(guest)) doors.breakConnections(address);
      }
    },
    states: () => [...entries.values()].map(({ guest }) => guest.state()),
    stopAll: async () => {
      await Promise.all([...entries.keys()].map(stop));
      await doors.closeAll();
    },
  };
}

/** Published is one address of IPv4; a guest may have others, on networks that the lab doesn't have. */
function addressesOf(guest: Guest): readonly string[] {
  return guest.server.addresses.filter((address) => isIPv4(address));
}
