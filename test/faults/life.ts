import type { Chance } from './chance.ts';
import { changeRegion } from './changes.ts';
import { breakCloud, healCloud } from './faults.ts';
import type { Outside } from './outside.ts';
import type { PassEnd, Passes } from './passes.ts';
import { isOurs, type TestedRegion } from './region.ts';
import { findDoubled, findWrong, hasDeafOutdated, mayStay } from './right.ts';
import { awaitForgotten, findStraySilences } from './stray.ts';
import type { Tally } from './tally.ts';
import type { Watch } from './watch.ts';

/** In so many passes at most a region that is right comes to rest. */
const IDLE_WITHIN_PASSES = 3;
/** After the last fault a region is right within so many. */
const PASSES = 2;
/** One for a reboot and one to come up more where a probe that answers nobody is to be replaced in the roll-out. */
const SLOW_PASSES = 4;

/** The life of one region in one run, in three phases that all regions of a group go through together. */
export class TestedLife {
  readonly region: TestedRegion;
  readonly #passes: Passes;
  readonly #outside: Outside;
  readonly #watch: Watch;
  readonly #tally: Tally;
  readonly #chance: Chance;
  /** Probes that stood before the trouble, by host. */
  readonly #before = new Map<string, string>();
  /** What was wrong at the end of passes. */
  readonly #broken: string[] = [];
  #error: string | undefined;

  constructor(region: TestedRegion, passes: Passes, outside: Outside, watch: Watch, tally: Tally) {
    this.region = region;
    this.#passes = passes;
    this.#outside = outside;
    this.#watch = watch;
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
    return this.#error === undefined ? [...this.#broken, ...wrong] : [...this.#broken, this.#error];
  }

  async #pass(interfere: boolean): Promise<PassEnd> {
    const end = await this.#passes.run(this.region, { interfere });
    const isHiding = interfere && this.region.hides;
    const isSingle = !isHiding && end.outcome === 'converged';
    const knownMs = isHiding ? await this.#watch.lookForKnown() : undefined;
    this.#broken.push(...findDoubled(this.region, isSingle, knownMs));
    return end;
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
    await this.#pass(false);
    for (const { id, host } of await this.#probes()) if (host !== null) this.#before.set(host, id);
  }

  async #suffer(): Promise<void> {
    for (let passes = this.#chance.between(1, 2); passes > 0; passes -= 1) {
      for (let changes = this.#chance.between(0, 3); changes > 0; changes -= 1) {
        const name = await changeRegion(this.region);
        if (name !== undefined) this.#tally.add('changes', name);
      }
      for (let faults = this.#chance.between(0, 3); faults > 0; faults -= 1)
        this.#tally.add('faults', await breakCloud(this.region));
      await this.#pass(true);
    }
  }

  async #settle(): Promise<readonly string[]> {
    healCloud(this.region);
    let wrong: readonly string[] = [];
    const isSlow = await hasDeafOutdated(this.region);
    for (let passes = 1; passes <= (isSlow ? SLOW_PASSES : PASSES); passes += 1) {
      const end = await this.#pass(false);
      wrong = await findWrong(this.region, this.#outside, end.paused);
      for (const _ of end.paused) this.#tally.add('left alone', 'hypervisor on which creations failed again');
      if (!isRightEnd(end, await this.#leftAsTheyAre()))
        wrong = [...wrong, `a pass that nothing disturbed ended ${end.outcome}`];
      if (wrong.length === 0) break;
    }
    const isIdle = this.#chance.happens(0.3);
    const more = wrong.length > 0 ? [] : [...(await this.#outlive()), ...(isIdle ? await this.#idle() : [])];
    return [...wrong, ...(await this.#findLost()), ...more];
  }

  /** A probe on a host to which nothing was done must be the same one to the end, whatever broke around it. */
  async #findLost(): Promise<readonly string[]> {
    const now = new Set((await this.#probes()).map(({ id }) => id));
    return [...this.#before]
      .filter(([host, id]) => !this.region.touched.has(host) && !now.has(id))
      .map(([host]) => `${host} lost its probe, though nothing was done to it`);
  }

  /** The first pass after nothing can alert any more on what is gone ends the silences over it. */
  async #outlive(): Promise<readonly string[]> {
    const forgotten = await awaitForgotten(this.#outside);
    if (forgotten.size === 0) return [];
    await this.#pass(false);
    this.#tally.add('checks', 'silences over what is gone');
    return await findStraySilences(this.#outside, forgotten);
  }

  /** Whether a pass changes something in the cloud, or finds something wrong. */
  async #hasMore(): Promise<boolean> {
    const servers = async (): Promise<string> => JSON.stringify(await this.region.observer.listServers());
    const before = await servers();
    return (await this.#pass(false)).outcome !== 'converged' || (await servers()) !== before;
  }

  /** Where there is nothing to do, nothing is written. */
  async #idle(): Promise<readonly string[]> {
    // What waited for its time may be done only now; and the pass after that still reports it.
    for (let left = IDLE_WITHIN_PASSES; await this.#hasMore(); left -= 1) if (left === 1) return [];
    const { requests } = this.region.sim;
    const mark = requests.mark();
    const before = await this.#outside.writes();
    // One that a busy machine kept from seeing a probe had that to report.
    if ((await this.#pass(false)).outcome !== 'converged') return [];
    this.#tally.add('checks', 'idle pass');
    const sent = requests
      .since(mark)
      .filter(({ method, service }) => method !== 'GET' && service !== 'keystone')
      .map(({ method, path }) => `${method} ${path}`);
    const written = (await this.#outside.writes()).difference(before);
    return [...sent, ...written].map((write) => `a pass with nothing to do wrote: ${write}`);
  }

  /**
   * Hypervisors whose probe may answer nobody: its guest was silenced, for which it is rebooted after a while, or its port was
   * deleted, for which it is replaced after a while, or it was made by hand, or Nova has disabled the service of its host, where nothing is repaired.
   */
  async #leftAsTheyAre(): Promise<readonly string[]> {
    const { observer, silenced, unplugged, name } = this.region;
    const [servers, hypervisors] = await Promise.all([observer.listServers(), observer.listHypervisors()]);
    const disabled = new Set(
      hypervisors.filter(({ status }) => status === 'disabled').map(({ host }) => host),
    );
    return servers
      .filter((server) => isOurs(server, name))
      .filter(({ id, status, host }) =>
        status === 'ACTIVE'
          ? silenced.has(id) || unplugged.has(id) || mayStay(this.region, id)
          : host !== null && disabled.has(host),
      )
      .map(({ metadata }) => metadata['innervisor_hypervisor'] ?? '');
  }

  async #probes() {
    const servers = await this.region.observer.listServers();
    return servers.filter((server) => isOurs(server, this.region.name) && server.status === 'ACTIVE');
  }
}

/** A pass may end degraded for what lasts after all faults have ended: failed creations, and probes that are left as they are. */
function isRightEnd({ outcome, paused, failed, unverified }: PassEnd, left: readonly string[]): boolean {
  if (outcome !== 'degraded') return outcome === 'converged';
  const known = [...paused, ...left];
  return (
    known.length > 0 &&
    failed.every((hypervisor) => paused.includes(hypervisor)) &&
    unverified.every((hypervisor) => known.includes(hypervisor))
  );
}
