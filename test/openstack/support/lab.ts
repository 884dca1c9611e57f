import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { Roots } from '../../scenario/api.ts';
import type {
  Guests,
  LoggedRequest,
  Mark,
  RequestsOptions,
  ScenarioCloud,
  ScenarioFigures,
} from '../../scenario/cloud.ts';
import { CloudObserver } from '../../scenario/observer.ts';
import { Computes } from './computes.ts';
import { startGuests } from './guests.ts';
import { Filler } from './placement.ts';
import { RequestLog } from './requests.ts';

export { ApiError } from '../../scenario/api.ts';
export type { SeenHypervisor, SeenServer } from '../../scenario/shapes.ts';

const ROOTS: Roots = {
  keystone: 'http://127.0.0.1:15000/v3',
  nova: 'http://127.0.0.1:18774/v2.1',
  neutron: 'http://127.0.0.1:19696/v2.0',
  glance: 'http://127.0.0.1:19292/v2',
};

/**
 * Opens the lab that this test process runs in.
 *
 * @throws Error outside of it.
 */
export async function openLab(): Promise<Lab> {
  const folder = process.env['INNERVISOR_OPENSTACK_LAB'];
  if (folder === undefined) throw new Error('run these tests with: node lab/openstack-real/run.ts');
  await access(join(folder, 'clouds.yaml'));
  return new Lab(folder);
}

/** A real OpenStack control plane, watched by its API and disturbed by its processes and files. */
export class Lab extends CloudObserver implements ScenarioCloud {
  /** Has the clouds `prober`, `prober-pw`, `admin`, `plain` and `viewer`. */
  readonly cloudsYaml: string;
  readonly figures: ScenarioFigures = { patienceMs: 300_000, pollMs: 1_000, idleCallsMax: 15 };
  readonly #computes: Computes;
  readonly #requests: RequestLog;
  readonly #filler: Filler;

  constructor(folder: string) {
    super(ROOTS);
    this.cloudsYaml = join(folder, 'clouds.yaml');
    this.#computes = new Computes(folder);
    this.#requests = new RequestLog(folder);
    this.#filler = new Filler(this.admin);
  }

  /** Kills the compute service of a host; Nova sees it down after its service_down_time (25 s). */
  async killCompute(host: string): Promise<void> {
    await this.#computes.kill(host);
  }

  /** Starts a killed compute service again; resolves when Nova sees it up. */
  async reviveCompute(host: string): Promise<void> {
    await this.#computes.revive(host);
  }

  /** Adds hypervisors after the last one; resolves when Nova lists them all. */
  async addHypervisors(count: number): Promise<void> {
    await this.#computes.add(count);
  }

  /** Makes a host misbehave, for instance `{ spawn_error: 'text' }` or `{ destroy_delay: 5 }` (seconds). */
  async setFault(host: string, fault: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#computes.setFault(host, fault);
  }

  /** Heals the host. */
  async clearFault(host: string): Promise<void> {
    await this.#computes.clearFault(host);
  }

  /** Allocates the host's memory in Placement, so that no further probe fits. */
  async fillHost(host: string): Promise<void> {
    await this.#filler.fill((await this.hypervisorOn(host)).id);
  }

  /** Gives that memory back. */
  async emptyHost(host: string): Promise<void> {
    await this.#filler.empty((await this.hypervisorOn(host)).id);
  }

  /** The present end of the request logs. */
  async mark(): Promise<Mark> {
    return this.#requests.mark();
  }

  /** Requests answered since the mark; see `RequestLog.requestsSince` for what is left out. */
  async requestsSince(mark: Mark, options?: RequestsOptions): Promise<LoggedRequest[]> {
    return this.#requests.requestsSince(mark, options);
  }

  /** Lets the guest of every active server answer. */
  async startGuests(peersUrl: string): Promise<Guests> {
    return startGuests(peersUrl, () => this.listServers());
  }

  /** The lab is stopped by who started it. */
  close(): Promise<void> {
    return Promise.resolve();
  }
}
