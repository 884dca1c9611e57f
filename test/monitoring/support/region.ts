/** Seconds between two samples, and between two evaluations. */
export const STEP_SECONDS = 15;

/** A probe of the region under test. */
export interface TestProbe {
  /** Its hypervisor: the zone and a number, such as `a1`. */
  readonly name: string;
  readonly zone: string;
}

/** How a probe and its hypervisor are; all of it well by default. */
export interface Condition {
  /** Whether it is a target of Prometheus. */
  readonly listed: boolean;
  readonly nodeUp: boolean;
  readonly pingUp: boolean;
  readonly displaced: boolean;
  /** Another one means another probe on the same hypervisor. */
  readonly generation: number;
  /** Whether a hypervisor should have a probe, as the workers say. */
  readonly expected: boolean;
  readonly stolenShare: number;
  readonly operationsPerSecond: number;
  /** Of the operations, those over 10 ms, and of the operations, those over 250 ms. */
  readonly slowShare: number;
  readonly stallShare: number;
  readonly errorsPerSecond: number;
  readonly diskReady: boolean;
  readonly publicLoss: (target: string) => number;
  readonly publicSeconds: number;
  /** Whether fping has outcomes. */
  readonly outcomes: boolean;
  /** Whether the agent sees its list to be the published one. */
  readonly confirms: boolean;
  readonly loaded: boolean;
  readonly agentResult: string;
  readonly peersPinged: number | undefined;
}

/** How two probes reach each other. */
export interface Way {
  readonly loss: number;
  readonly seconds: number;
}

const WELL: Condition = {
  listed: true,
  nodeUp: true,
  pingUp: true,
  displaced: false,
  generation: 1,
  expected: true,
  stolenShare: 0.01,
  operationsPerSecond: 1,
  slowShare: 0.01,
  stallShare: 0,
  errorsPerSecond: 0,
  diskReady: true,
  publicLoss: () => 0,
  publicSeconds: 0.02,
  outcomes: true,
  confirms: true,
  loaded: true,
  agentResult: 'unchanged',
  peersPinged: undefined,
};
const GOOD_WAY: Way = { loss: 0, seconds: 0.0004 };

interface Span {
  readonly from: number;
  readonly until: number;
}

/** A time in minutes; without `until`, to the end. */
export interface When {
  readonly from: number;
  readonly until?: number;
}

/** A region of some zones in which things go wrong at times; all times are in minutes. */
export class TestRegion {
  readonly probes: readonly TestProbe[];
  readonly name: string;
  readonly minutes: number;
  readonly #conditions: (Span & {
    readonly who: (name: string) => boolean;
    readonly how: Partial<Condition>;
  })[] = [];
  readonly #ways: (Span & {
    readonly pair: (from: TestProbe, to: TestProbe) => boolean;
    readonly how: Partial<Way>;
  })[] = [];
  readonly #resets: { readonly name: string; readonly at: number }[] = [];

  constructor(zones: Readonly<Record<string, number>>, minutes: number, name = 'lab') {
    this.name = name;
    this.minutes = minutes;
    this.probes = Object.entries(zones).flatMap(([zone, count]) =>
      Array.from({ length: count }, (_, index) => ({ name: `${zone}${index + 1}`, zone })),
    );
  }

  /** These probes are so for a while; later words go before earlier ones. */
  set(names: readonly string[], when: When, how: Partial<Condition>): this {
    this.#conditions.push({ ...spanOf(when), who: (name) => names.includes(name), how });
    return this;
  }

  /** All ways from or to these probes are so for a while. */
  setNetwork(names: readonly string[], when: When, how: Partial<Way>): this {
    return this.setWays((one, other) => names.includes(one.name) || names.includes(other.name), when, how);
  }

  /** The ways between those for which `pair` holds are so for a while, in both directions. */
  setWays(pair: (one: TestProbe, other: TestProbe) => boolean, when: When, how: Partial<Way>): this {
    this.#ways.push({ ...spanOf(when), pair: (one, other) => pair(one, other) || pair(other, one), how });
    return this;
  }

  /** The probe is started anew: its counters begin at zero. */
  reset(name: string, at: number): this {
    this.#resets.push({ name, at: at * 60 });
    return this;
  }

  conditionAt(name: string, second: number): Condition {
    return this.#conditions
      .filter((one) => one.who(name) && one.from <= second && second < one.until)
      .reduce<Condition>((sum, { how }) => ({ ...sum, ...how }), WELL);
  }

  wayAt(from: TestProbe, to: TestProbe, second: number): Way {
    return this.#ways
      .filter((one) => one.pair(from, to) && one.from <= second && second < one.until)
      .reduce<Way>((sum, { how }) => ({ ...sum, ...how }), GOOD_WAY);
  }

  isResetAt(name: string, second: number): boolean {
    return this.#resets.some((one) => one.name === name && one.at === second);
  }
}

function spanOf({ from, until }: When): Span {
  return { from: from * 60, until: until === undefined ? Infinity : until * 60 };
}
