import type { Chance } from './chance.ts';
import { changeRegion } from './changes.ts';
import { breakCloud, healCloud } from './faults.ts';
import type { Outside } from './outside.ts';
import type { Passes } from './passes.ts';
import { isOurs, type TestedRegion } from './region.ts';
import { findWrong } from './right.ts';
import type { Tally } from './tally.ts';

/** The life of one region in one run, in three phases that all regions of a group go through together. */
export class TestedLife {
  readonly region: TestedRegion;
  readonly #passes: Passes;
  readonly #outside: Outside;
  readonly #tally: Tally;
  readonly #chance: Chance;
  /** Probes that stood before the trouble, by host. */
  readonly #before = new Map<string, string>();
  #error: string | undefined;

  constructor(region: TestedRegion, passes: Passes, outside: Outside, tally: Tally) {
    this.region = region;
    this.#passes = passes;
    this.#outside = outside;
    this.#tally = tally;
    this.#chance = region.chance;
  }

  /** Some regions begin with all their probes, others with none. */
  async begin(): Promise<void> {
    await this.#guarded(() => this.#begin());
  }

  /** One or two passes while the fleet changes and things break. */
  async suffer(): Promise<void> {
    await this.#guarded(() => this.#suffer());
  }

  /** Nothing breaks any more; gives what is still wrong after two passes. */
  async settle(): Promise<readonly string[]> {
    let wrong: readonly string[] = [];
    await this.#guarded(async () => {
      wrong = await this.#settle();
    });
    return this.#error === undefined ? wrong : [this.#error];
  }

  /** One life that can't be lived on must not end those that are lived beside it. */
  async #guarded(live: () => Promise<void>): Promise<void> {
    if (this.#error !== undefined) return;
    try {
      await live();
    } catch (error) {
      this.#error = `the run broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
    }
  }

  async #begin(): Promise<void> {
    if (this.#chance.happens(0.4)) return;
    await this.#passes.run(this.region, { interfere: false });
    for (const { id, host } of await this.#probes()) if (host !== null) this.#before.set(host, id);
  }

  async #suffer(): Promise<void> {
    for (let passes = this.#chance.between(1, 2); passes > 0; passes -= 1) {
      for (let changes = this.#chance.between(0, 3); changes > 0; changes -= 1) {
        const name = await changeRegion(this.region);
        if (name !== undefined) this.#tally.add('changes', name);
      }
      for (let faults = this.#chance.between(0, 3); faults > 0; faults -= 1)
        this.#tally.add('faults', breakCloud(this.region));
      await this.#passes.run(this.region, { interfere: true });
    }
  }

  async #settle(): Promise<readonly string[]> {
    healCloud(this.region);
    let wrong: readonly string[] = [];
    for (let passes = 1; passes <= 2; passes += 1) {
      const { outcome, paused } = await this.#passes.run(this.region, { interfere: false });
      wrong = await findWrong(this.region, this.#outside, paused);
      for (const _ of paused) this.#tally.add('left alone', 'hypervisor on which creations failed again');
      if (outcome !== 'converged' && outcome !== 'degraded')
        wrong = [...wrong, `a pass that nothing disturbed ended ${outcome}`];
      if (wrong.length === 0) break;
    }
    const idle = wrong.length === 0 && this.#chance.happens(0.3) ? await this.#idle() : [];
    return [...wrong, ...(await this.#findLost()), ...idle];
  }

  /** A probe on a host to which nothing was done must be the same one to the end, whatever broke around it. */
  async #findLost(): Promise<readonly string[]> {
    const now = new Set((await this.#probes()).map(({ id }) => id));
    return [...this.#before]
      .filter(([host, id]) => !this.region.touched.has(host) && !now.has(id))
      .map(([host]) => `${host} lost its probe, though nothing was done to it`);
  }

  /** Where there is nothing to do, nothing is written. */
  async #idle(): Promise<readonly string[]> {
    // The pass before may have remembered something; from the next one on nothing is left.
    await this.#passes.run(this.region, { interfere: false });
    const { requests } = this.region.sim;
    const mark = requests.mark();
    const { generation } = (await this.#outside.peers()) ?? {};
    await this.#passes.run(this.region, { interfere: false });
    this.#tally.add('checks', 'idle pass');
    const writes = requests
      .since(mark)
      .filter(({ method, service }) => method !== 'GET' && service !== 'keystone');
    const after = (await this.#outside.peers())?.generation;
    return [
      ...writes.map(({ method, path }) => `a pass with nothing to do sent ${method} ${path}`),
      ...(after === generation ? [] : ['a pass with nothing to do published peers anew']),
    ];
  }

  async #probes() {
    const servers = await this.region.observer.listServers();
    return servers.filter((server) => isOurs(server, this.region.name) && server.status === 'ACTIVE');
  }
}
