import { RECORDED_ORIGINS, type CloudUnderTest, type Service } from './cloudUnderTest.ts';

/** The five hosts of the scenario, by their place in the cloud's list, for each host of the recordings. */
const PLACES: Readonly<Record<string, number>> = {
  cmp001: 0,
  cmp002: 1,
  cmp003: 2,
  cmp004: 0,
  cmp005: 3,
  cmp006: 3,
  cmp007: 1,
  cmp008: 2,
  cmp009: 0,
  cmp029: 4,
};
const RECORDED_HOST = /\bcmp\d{3}\b/g;
const RECORDED_ID =
  /\b(req-)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-9a-f]{32}\b|\b10\.77\.\d+\.\d+\b|(?<=\/os-aggregates\/)\d+/g;
const WHOLE_ID = new RegExp(`^(?:${RECORDED_ID.source})$`);

/** What stands in the cloud under test for what the recordings name: ids, addresses, hosts, origins. */
export class Substitution {
  readonly #cloud: CloudUnderTest;
  readonly #ids = new Map<string, string>();

  constructor(cloud: CloudUnderTest) {
    this.#cloud = cloud;
  }

  /** The host that plays the part of a recorded one. */
  host(recorded: string): string {
    const host = this.#cloud.hosts[PLACES[recorded] ?? 0];
    if (host === undefined) throw new Error(`the cloud has too few hosts for ${recorded}`);
    return host;
  }

  /** From now on `actual` stands for the recorded id. */
  bind(recorded: string, actual: string): void {
    this.#ids.set(recorded, actual);
  }

  /** The id that stands for a recorded one; itself when nothing does, as with ids of nothing. */
  id(recorded: string): string {
    return this.#ids.get(recorded) ?? recorded;
  }

  /** Binds the ids that stand at the same places of a recorded and an actual body; the first binding stays. */
  learn(recorded: unknown, actual: unknown): void {
    if (typeof recorded === 'string' && typeof actual === 'string') {
      if (WHOLE_ID.test(recorded) && !this.#ids.has(recorded)) this.bind(recorded, actual);
    } else if (Array.isArray(recorded) && Array.isArray(actual)) {
      if (recorded.length === 1 && actual.length === 1) this.learn(recorded[0], actual[0]);
    } else if (isRecord(recorded) && isRecord(actual)) {
      for (const [key, value] of Object.entries(recorded)) this.learn(value, actual[key]);
    }
  }

  /** A recorded text in the words of this cloud. */
  text(recorded: string): string {
    let text = recorded;
    for (const service of Object.keys(RECORDED_ORIGINS) as Service[]) {
      text = text.replaceAll(RECORDED_ORIGINS[service], this.#cloud.origins[service]);
    }
    return text.replace(RECORDED_ID, (id) => this.id(id)).replace(RECORDED_HOST, (host) => this.host(host));
  }

  /** A recorded body in the words of this cloud. */
  body(recorded: unknown): unknown {
    return JSON.parse(this.text(JSON.stringify(recorded))) as unknown;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
