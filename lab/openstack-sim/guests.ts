import type { Server } from './nova/servers.ts';

/** What runs in a server. */
export interface Guest {
  readonly serverId: string;
  readonly name: string;
  readonly projectId: string;
  /** IPv4 addresses. */
  readonly addresses: readonly string[];
  /** Service host. */
  readonly host: string;
  readonly hypervisor: string;
  readonly zone: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** As it was given: base64. */
  readonly userData: string | null;
}

/** What happens to guests: they start, end, and move to another host. */
export type GuestEvent = 'boot' | 'gone' | 'move';

/** Tells the caller which guests to run; the simulation itself runs none. */
export class Guests {
  readonly #listeners: Record<GuestEvent, ((guest: Guest) => void)[]> = { boot: [], gone: [], move: [] };
  readonly #running = new Map<string, Guest>();

  /** Calls the listener from now on; it must not throw. */
  on(event: GuestEvent, listener: (guest: Guest) => void): void {
    this.#listeners[event].push(listener);
  }

  /** The guests that run now. */
  running(): readonly Guest[] {
    return [...this.#running.values()];
  }

  /** A server's guest starts. */
  boot(server: Server): void {
    if (server.running) return;
    server.running = true;
    this.#tell('boot', describe(server));
  }

  /** It ends. */
  end(server: Server): void {
    if (!server.running) return;
    server.running = false;
    this.#tell('gone', this.#running.get(server.id) ?? describe(server));
  }

  /** It runs on another host from now on. */
  move(server: Server): void {
    if (server.running) this.#tell('move', describe(server));
  }

  #tell(event: GuestEvent, guest: Guest): void {
    if (event === 'gone') this.#running.delete(guest.serverId);
    else this.#running.set(guest.serverId, guest);
    for (const listener of this.#listeners[event]) listener(guest);
  }
}

function describe(server: Server): Guest {
  return {
    serverId: server.id,
    name: server.name,
    projectId: server.projectId,
    addresses: server.ports.flatMap(({ address }) => (address === null ? [] : [address])),
    host: server.host?.name ?? '',
    hypervisor: server.host?.hypervisor ?? '',
    zone: server.zone,
    metadata: { ...server.metadata },
    userData: server.userData,
  };
}
