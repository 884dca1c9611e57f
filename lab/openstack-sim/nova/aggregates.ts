import { textOf } from '../http/call.ts';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';

/** A host aggregate. */
export interface Aggregate {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly createdMs: number;
  readonly hosts: Set<string>;
  metadata: Record<string, string>;
}

/** The zone of a host that no aggregate gives one. */
export const DEFAULT_ZONE = 'nova';
const ZONE_KEY = 'availability_zone';

/** Aggregates, and the availability zones that they make. */
export class Aggregates {
  readonly all = new Map<number, Aggregate>();
  readonly #zones = new Map<string, string>();
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Makes one. */
  add(name: string, zone: string | null): Aggregate {
    const aggregate: Aggregate = {
      id: this.all.size + 1,
      uuid: this.#random.uuid(),
      name,
      createdMs: this.#clock.now(),
      hosts: new Set(),
      metadata: zone === null ? {} : { [ZONE_KEY]: zone },
    };
    this.all.set(aggregate.id, aggregate);
    return aggregate;
  }

  /** Puts a host into a zone by way of the zone's aggregate. */
  place(host: string, zone: string): void {
    if (zone === DEFAULT_ZONE) return;
    const found = [...this.all.values()].find((aggregate) => zoneOf(aggregate) === zone);
    this.addHost(found ?? this.add(`agg-${zone}`, zone), host);
  }

  addHost(aggregate: Aggregate, host: string): void {
    aggregate.hosts.add(host);
    const zone = zoneOf(aggregate);
    if (zone !== null) this.#zones.set(host, zone);
  }

  removeHost(aggregate: Aggregate, host: string): void {
    aggregate.hosts.delete(host);
    if (zoneOf(aggregate) !== null) this.#zones.delete(host);
  }

  /** Adds keys; `null` takes one away. */
  setMetadata(aggregate: Aggregate, change: Readonly<Record<string, unknown>>): void {
    for (const [key, value] of Object.entries(change)) {
      if (value === null) delete aggregate.metadata[key];
      else aggregate.metadata[key] = textOf(value);
    }
    for (const host of aggregate.hosts) this.addHost(aggregate, host);
  }

  /** The availability zone of a host. */
  zoneOfHost(host: string): string {
    return this.#zones.get(host) ?? DEFAULT_ZONE;
  }

  /** Every zone that there is. */
  zones(): Set<string> {
    return new Set([...this.#zones.values(), DEFAULT_ZONE]);
  }

  /** Takes a host out of all of them. */
  forget(host: string): void {
    for (const aggregate of this.all.values()) aggregate.hosts.delete(host);
    this.#zones.delete(host);
  }
}

/** The availability zone that an aggregate makes; `null` for none. */
export function zoneOf(aggregate: Aggregate): string | null {
  return aggregate.metadata[ZONE_KEY] ?? null;
}
