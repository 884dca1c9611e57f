import type { Clock } from '../core/clock.ts';
import type { Settings } from '../core/options.ts';
import type { Random } from '../core/random.ts';
import type { Image } from '../glance/image.ts';
import type { Guests } from '../guests.ts';
import type { NetworkState } from '../neutron/state.ts';
import type { Aggregates } from './aggregates.ts';
import type { Hosts } from './hosts.ts';
import type { Quotas } from './quotas.ts';
import type { Server, Servers, VmState } from './servers.ts';

/** Cells that don't answer, and what that hides. */
export type DownCells = Map<string, { readonly servers: boolean; readonly services: boolean }>;

/** All that Nova knows and changes. */
export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: Settings;
  readonly hosts: Hosts;
  readonly aggregates: Aggregates;
  readonly servers: Servers;
  readonly quotas: Quotas;
  readonly network: NetworkState;
  readonly images: ReadonlyMap<string, Image>;
  readonly guests: Guests;
  readonly downCells: DownCells;
  /** Nova's own address, for links: `http://127.0.0.1:18774`. */
  readonly origin: string;
}

/** Changes what a server is, and notes when. */
export function setState(
  world: World,
  server: Server,
  change: { readonly vm?: VmState; readonly task?: string | null; readonly power?: number },
): void {
  if (change.vm !== undefined) server.vmState = change.vm;
  if (change.task !== undefined) server.taskState = change.task;
  if (change.power !== undefined) server.powerState = change.power;
  server.updatedMs = world.clock.now();
}

/** Schedules the next step of a server in place of any other. */
export function schedule(world: World, server: Server, delayMs: number, act: () => void): void {
  server.timer?.cancel();
  server.timer = world.clock.after(delayMs, () => {
    server.timer = null;
    act();
  });
}
