import { saveHistories } from '../openstack/support/histories.ts';
import { startStack, type Stack } from '../openstack/support/stack.ts';
import { eventually, type EventuallyOptions } from '../support/await.ts';
import type { Guests, ScenarioCloud } from './cloud.ts';
import { observeWorld, type World } from './world.ts';

/** What a life may have otherwise than others. */
export type LifeOptions = Pick<Parameters<typeof startStack>[0], 'seconds' | 'webUi'>;

/** One region while its life is played: its cloud, and what runs around it. */
export class Life {
  readonly cloud: ScenarioCloud;
  readonly stack: Stack;
  readonly #guests: Guests;
  #names: ReadonlyMap<string, string> = new Map();

  private constructor(cloud: ScenarioCloud, stack: Stack, guests: Guests) {
    this.cloud = cloud;
    this.stack = stack;
    this.#guests = guests;
  }

  /** Starts all that the region needs. */
  static async begin(cloud: ScenarioCloud, options: LifeOptions = {}): Promise<Life> {
    const stack = await startStack({ cloudsYaml: cloud.cloudsYaml, ...options });
    const life = new Life(cloud, stack, await cloud.startGuests(stack.peersUrl));
    await life.lookAtHosts();
    return life;
  }

  /** Service hosts, sorted, as last looked at. */
  get hosts(): readonly string[] {
    return [...this.#names.keys()];
  }

  /** Starts all that the region needs and runs its first pass: a probe stands on each hypervisor. */
  static async populated(cloud: ScenarioCloud, options: LifeOptions = {}): Promise<Life> {
    const life = await Life.begin(cloud, options);
    const { outcome, created } = await life.stack.pass();
    if (outcome !== 'converged' || created !== life.hosts.length)
      throw new Error(`the first pass ended ${outcome} with ${created} probes`);
    return life;
  }

  /** The host at a place in {@link hosts}; negative places count from the end. */
  hostAt(place: number): string {
    const host = this.hosts.at(place);
    if (host === undefined) throw new Error(`the region has only ${this.hosts.length} hosts`);
    return host;
  }

  /** The full name of the hypervisor on a host. */
  nameOf(host: string): string {
    return this.#names.get(host) ?? '';
  }

  /** Lists the hypervisors anew. */
  async lookAtHosts(): Promise<void> {
    const listed = await this.cloud.listHypervisors();
    this.#names = new Map(
      listed.toSorted((a, b) => a.host.localeCompare(b.host)).map(({ host, name }) => [host, name]),
    );
  }

  /** What Nova, Prometheus, S3 and Alertmanager say now. */
  async world(): Promise<World> {
    return await observeWorld(this.cloud, this.stack);
  }

  /** The probe of a host. */
  async probeOn(host: string): Promise<World['probes'][number]> {
    const found = (await this.world()).probes.find((probe) => probe.host === host);
    if (found === undefined) throw new Error(`no probe on ${host}`);
    return found;
  }

  /** Deletes the probe of a host behind the product's back; resolves when Nova no longer has it. */
  async loseProbe(host: string): Promise<void> {
    const { id, name } = await this.probeOn(host);
    await this.cloud.deleteServer(id);
    await eventually(
      async () => (await this.cloud.getServer(id)) === undefined,
      this.patience(`${name} to be gone`),
    );
  }

  /** Bounds for `eventually`, as long as this cloud may take. */
  patience(describe: string): EventuallyOptions {
    const { patienceMs, pollMs } = this.cloud.figures;
    return { timeoutMs: patienceMs, intervalMs: pollMs, describe };
  }

  /** Stops everything; keeps the histories of all passes where `INNERVISOR_RECORD_HISTORIES` names a folder. */
  async end(): Promise<void> {
    await using ending = new AsyncDisposableStack();
    ending.defer(() => this.cloud.close());
    ending.defer(() => this.stack.stop());
    ending.defer(() => this.#guests.stop());
    const folder = process.env['INNERVISOR_RECORD_HISTORIES'];
    if (folder !== undefined) await saveHistories(this.stack.temporal.address, folder);
  }
}
