import { randomInt } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLoadModel, startGuests, type Load } from '../../lab/guests/index.ts';
import {
  startOpenstackSim,
  type OpenstackSim,
  type OpenstackSimOptions,
} from '../../lab/openstack-sim/index.ts';
import type { Guests, LoggedRequest, Mark, ScenarioCloud, ScenarioFigures } from '../scenario/cloud.ts';
import { CloudObserver } from '../scenario/observer.ts';

/** The simulated cloud as the scenario sees one; its guests parse the user-data that the product wrote. */
export class SimCloud extends CloudObserver implements ScenarioCloud {
  readonly cloudsYaml: string;
  readonly figures: ScenarioFigures = { patienceMs: 30_000, pollMs: 100, idleCallsMax: 15 };
  readonly #sim: OpenstackSim;
  readonly #folder: string;
  readonly #mute = new Set<string>();
  readonly #model = createLoadModel({ now: Date.now, seed: 'scenario' });
  #setReachable: (serverId: string, reachable: boolean) => void = () => undefined;

  private constructor(sim: OpenstackSim, folder: string) {
    const { keystone, nova, neutron, glance } = sim.origins;
    super({
      keystone: `${keystone}/v3`,
      nova: `${nova}/v2.1`,
      neutron: `${neutron}/v2.0`,
      glance: `${glance}/v2`,
    });
    this.#sim = sim;
    this.#folder = folder;
    this.cloudsYaml = join(folder, 'clouds.yaml');
  }

  /** Starts a cloud of six hypervisors, unless told otherwise, on a piece of loopback of its own. */
  static async open(
    options: Pick<OpenstackSimOptions, 'hypervisors' | 'zones' | 'securityGroups'> = {},
  ): Promise<SimCloud> {
    const sim = await startOpenstackSim({
      hypervisors: 6,
      ...options,
      networkCidr: `127.${randomInt(16, 240)}.${4 * randomInt(64)}.0/22`,
      bootMs: 600,
      durations: { deletingMs: 200, migratingMs: 300 },
      serviceDownTimeMs: 1_000,
    });
    const cloud = new SimCloud(sim, await mkdtemp(join(tmpdir(), 'innervisor-sim-')));
    await writeFile(cloud.cloudsYaml, sim.cloudsYaml);
    return cloud;
  }

  killCompute(host: string): Promise<void> {
    return Promise.resolve(this.#sim.killCompute(host));
  }

  reviveCompute(host: string): Promise<void> {
    return Promise.resolve(this.#sim.reviveCompute(host));
  }

  addHypervisors(count: number): Promise<void> {
    this.#sim.addHypervisors(count);
    return Promise.resolve();
  }

  setFault(host: string, fault: Readonly<Record<string, unknown>>): Promise<void> {
    return Promise.resolve(this.#sim.setFault(host, fault));
  }

  clearFault(host: string): Promise<void> {
    return Promise.resolve(this.#sim.clearFault(host));
  }

  /** Answers Nova's requests of this method and path, a regular expression, with a 500 until the result is called. */
  failRequests(method: string, path: string): () => void {
    return this.#sim.faults.add({ service: 'nova', method, path, effect: { kind: 'status', status: 500 } });
  }

  /** Nova lists no hypervisor any more, and servers as before. */
  hideHypervisors(): void {
    this.#sim.cells.down('cell1', { servers: false, services: true });
  }

  fillHost(host: string): Promise<void> {
    return Promise.resolve(this.#sim.fillHost(host));
  }

  emptyHost(host: string): Promise<void> {
    return Promise.resolve(this.#sim.emptyHost(host));
  }

  /** Changes what a host does to the guests on it. */
  setLoad(host: string, load: Partial<Load>): void {
    this.#model.setLoad(this.#sim.hypervisorOf(host), load);
  }

  /** The guest of a server answers nobody any more: until it boots again, or not even then. */
  muteGuest(serverId: string, forGood = false): void {
    if (forGood) this.#mute.add(serverId);
    this.#setReachable(serverId, false);
  }

  /** It answers again. */
  unmuteGuest(serverId: string): void {
    this.#mute.delete(serverId);
    this.#setReachable(serverId, true);
  }

  /** Does something once, in the moment in which the next guest starts: before Nova shows its server ACTIVE. */
  atNextBoot(act: () => void): void {
    let waiting = true;
    this.#sim.guests.on('boot', () => {
      if (waiting) act();
      waiting = false;
    });
  }

  mark(): Promise<Mark> {
    const end = this.#sim.requests.mark();
    return Promise.resolve({ keystone: end, nova: end, placement: end, glance: end, neutron: end });
  }

  requestsSince(mark: Mark): Promise<readonly LoggedRequest[]> {
    return Promise.resolve(this.#sim.requests.since(mark.nova));
  }

  async startGuests(): Promise<Guests> {
    const guests = await startGuests({
      pullMs: 500,
      bootMs: 100,
      listen: 'perAddress',
      model: this.#model,
    });
    this.#setReachable = (serverId, reachable) => guests.setReachable(serverId, reachable);
    this.#sim.guests.on('boot', ({ zone, userData, ...guest }) => {
      guests.boot({ ...guest, availabilityZone: zone, userDataBase64: userData });
      if (this.#mute.has(guest.serverId)) guests.setReachable(guest.serverId, false);
    });
    this.#sim.guests.on('gone', ({ serverId }) => void guests.stop(serverId));
    this.#sim.guests.on('move', ({ serverId, host, hypervisor, zone }) => {
      guests.move(serverId, { host, hypervisor, availabilityZone: zone });
    });
    return { stop: () => guests.stopAll() };
  }

  /** @throws Error naming what was asked for that the simulation doesn't know. */
  async close(): Promise<void> {
    await this.#sim.stop();
    await rm(this.#folder, { recursive: true, force: true });
    if (this.#sim.unknown.length > 0) throw new Error(`answered 501: ${this.#sim.unknown.join('; ')}`);
  }
}
