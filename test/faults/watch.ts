import { setTimeout as delay } from 'node:timers/promises';
import { isInForce, Unreachable, type Outside } from './outside.ts';
import type { TestedRegion } from './region.ts';

const LOOK_EVERY_MS = 700;
/** A crash of Alertmanager loses what it hasn't written to disk, so its record says nothing about times around it. */
const RECORD_LOST_MS = 15_000;

/** Watches a region from outside as long as it lives, and writes down each law that it sees broken. */
export class Watch {
  readonly #region: TestedRegion;
  readonly #outside: Outside;
  readonly #alertmanagerLostMs: () => number;
  readonly #broken = new Set<string>();
  /** Every probe that was published at any time, by server id. */
  readonly #published = new Map<string, string>();
  readonly #knownMs = new Map<string, number>();
  readonly #remembered = new Set<string>();
  readonly #stopping = new AbortController();
  #generation = 0;
  #targets = 0;
  #mark = 0;
  #mayEmpty = false;
  #running: Promise<void> = Promise.resolve();

  /** @param alertmanagerLostMs - when Alertmanager was killed last. */
  constructor(region: TestedRegion, outside: Outside, alertmanagerLostMs: () => number) {
    this.#region = region;
    this.#outside = outside;
    this.#alertmanagerLostMs = alertmanagerLostMs;
  }

  /** Begins to look. */
  begin(): void {
    this.#running = this.#watch();
  }

  /** From now on documents may be emptied and go: the region is destroyed. */
  allowEmptying(): void {
    this.#mayEmpty = true;
  }

  /**
   * When the region itself was first seen to know of a server, by id, in milliseconds since 1970: it was remembered or
   * published. A pass that makes the probe again after that has forgotten it.
   */
  async lookForKnown(): Promise<ReadonlyMap<string, number>> {
    await this.#look();
    return this.#knownMs;
  }

  /** How many servers were remembered at any time. */
  get remembered(): number {
    return this.#remembered.size;
  }

  /** Looks no more, also where a life breaks off. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Looks once more and stops; gives the laws that were broken. */
  async end(): Promise<readonly string[]> {
    await this.stop();
    await this.#look();
    return [...this.#broken];
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#look();
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    await this.#unlessAway('the peers document is broken', () => this.#lookAtPeers());
    await this.#unlessAway('the targets file is broken', () => this.#lookAtTargets());
    await this.#unlessAway('the memory is broken', () => this.#lookAtMemory());
    await this.#lookAtDeletes();
  }

  async #lookAtPeers(): Promise<void> {
    const document = await this.#outside.peers();
    if (document === null) {
      if (this.#generation > 0 && !this.#mayEmpty) this.#tell('the peers document is gone');
      return;
    }
    if (document.generation < this.#generation)
      this.#tell(`the generation fell from ${this.#generation} to ${document.generation}`);
    if (document.peers.length === 0 && this.#published.size > 0 && !this.#mayEmpty)
      this.#tell('the peers document was emptied');
    this.#generation = document.generation;
    for (const { server_id, probe_id } of document.peers) {
      this.#published.set(server_id, probe_id);
      this.#addKnown(server_id);
    }
  }

  async #lookAtMemory(): Promise<void> {
    for (const serverId of await this.#outside.rememberedServers()) {
      this.#remembered.add(serverId);
      this.#addKnown(serverId);
    }
  }

  #addKnown(serverId: string): void {
    this.#knownMs.set(serverId, this.#knownMs.get(serverId) ?? Date.now());
  }

  async #lookAtTargets(): Promise<void> {
    const groups = (await this.#outside.targetsFile()) ?? [];
    if (groups.length === 0 && this.#targets > 0 && !this.#mayEmpty) this.#tell('the targets were emptied');
    this.#targets = groups.length;
  }

  async #lookAtDeletes(): Promise<void> {
    const { requests } = this.#region.sim;
    const fresh = requests.since(this.#mark);
    this.#mark = requests.mark();
    for (const { method, path, timeMs, service } of fresh) {
      const [, serverId] = /\/servers\/([0-9a-f-]{36})$/.exec(path) ?? [];
      if (service !== 'nova' || method !== 'DELETE' || serverId === undefined) continue;
      if (this.#region.foreign.has(serverId)) this.#tell(`server ${serverId} isn't ours and was deleted`);
      const probeId = this.#published.get(serverId);
      if (probeId !== undefined) await this.#lookAtDelete(serverId, probeId, timeMs);
    }
  }

  /** Nothing asked for after the DELETE may show the probe any more, and its silences must have been in force. */
  async #lookAtDelete(serverId: string, probeId: string, deletedMs: number): Promise<void> {
    const what = `probe ${probeId} (server ${serverId}) was deleted`;
    const servers = await this.#region.observer.listServers();
    const hasTwin = servers.some(
      ({ id, metadata }) => id !== serverId && metadata['innervisor_probe'] === probeId,
    );
    await this.#unlessAway(what, async () => {
      const document = await this.#outside.peers();
      if (document?.peers.some((peer) => peer.server_id === serverId) === true)
        this.#tell(`${what} while the peers document named it`);
    });
    if (hasTwin) return;
    await this.#unlessAway(what, async () => {
      const scraped = await this.#outside.scraped();
      if (scraped.some((labels) => labels['probe_id'] === probeId))
        this.#tell(`${what} while Prometheus scraped it`);
    });
    await this.#unlessAway(what, async () => {
      const silences = await this.#outside.silences();
      if (this.#alertmanagerLostMs() > deletedMs - RECORD_LOST_MS) return;
      const covered = silences
        .filter((silence) => isInForce(silence, deletedMs))
        .flatMap(({ matchers }) => matchers)
        .filter(({ value }) => value.split('|').includes(probeId))
        .map(({ name }) => name);
      for (const label of ['probe_id', 'peer_id'])
        if (!covered.includes(label)) this.#tell(`${what} without a silence of ours in force on ${label}`);
    });
  }

  async #unlessAway(what: string, look: () => Promise<void>): Promise<void> {
    try {
      await look();
    } catch (error) {
      if (!(error instanceof Unreachable)) this.#tell(`${what}: ${String(error)}`);
    }
  }

  #tell(broken: string): void {
    this.#broken.add(broken);
  }
}
