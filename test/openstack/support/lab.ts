import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { ApiError, ROOTS, Session } from './api.ts';
import { Computes } from './computes.ts';
import { RequestLog, type LoggedRequest, type Mark, type RequestsOptions } from './requests.ts';
import {
  createdAnswer,
  hypervisorsAnswer,
  imagesAnswer,
  networksAnswer,
  projectsAnswer,
  serverAnswer,
  serversAnswer,
  toHypervisor,
  toServer,
  type SeenHypervisor,
  type SeenServer,
} from './shapes.ts';

export type { SeenHypervisor, SeenServer } from './shapes.ts';
export type { LoggedRequest, Mark, Service } from './requests.ts';
export { ApiError } from './api.ts';

/** A server to make by hand in the project `probes`, on one host. */
export interface NewServer {
  readonly name: string;
  /** Service host, such as `cmp001`. */
  readonly host: string;
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
}

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

/** What an operator sees and does in the lab; shares no code with the product. */
export class Lab {
  /** Has the clouds `prober`, `prober-pw`, `admin`, `plain` and `viewer`. */
  readonly cloudsYaml: string;
  readonly #computes: Computes;
  readonly #requests: RequestLog;
  readonly #admin = new Session('admin', 'admin');
  readonly #prober = new Session('prober', 'probes');

  constructor(folder: string) {
    this.cloudsYaml = join(folder, 'clouds.yaml');
    this.#computes = new Computes(folder);
    this.#requests = new RequestLog(folder);
  }

  /** All servers of all projects. */
  async listServers(): Promise<SeenServer[]> {
    const servers: SeenServer[] = [];
    let url: string | undefined = `${ROOTS.nova}/servers/detail?all_tenants=1`;
    while (url !== undefined) {
      const page: ReturnType<typeof serversAnswer.parse> = serversAnswer.parse(
        await this.#admin.call('GET', url),
      );
      servers.push(...page.servers.map(toServer));
      url = page.servers_links.find(({ rel }) => rel === 'next')?.href;
    }
    return servers;
  }

  /** One server; `undefined` when it is gone. */
  async getServer(id: string): Promise<SeenServer | undefined> {
    try {
      const answer = serverAnswer.parse(await this.#admin.call('GET', `${ROOTS.nova}/servers/${id}`));
      return toServer(answer.server);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** All hypervisors. */
  async listHypervisors(): Promise<SeenHypervisor[]> {
    const hypervisors: SeenHypervisor[] = [];
    let url: string | undefined = `${ROOTS.nova}/os-hypervisors/detail`;
    while (url !== undefined) {
      const page: ReturnType<typeof hypervisorsAnswer.parse> = hypervisorsAnswer.parse(
        await this.#admin.call('GET', url),
      );
      hypervisors.push(...page.hypervisors.map(toHypervisor));
      url = page.hypervisors_links.find(({ rel }) => rel === 'next')?.href;
    }
    return hypervisors;
  }

  /** Disables the compute service of a host. */
  async disable(host: string, reason?: string): Promise<void> {
    const why = reason === undefined ? {} : { disabled_reason: reason };
    await this.#setService(host, { status: 'disabled', ...why });
  }

  /** Enables it again. */
  async enable(host: string): Promise<void> {
    await this.#setService(host, { status: 'enabled' });
  }

  /** Asks for a live migration to a service host; resolves when Nova has accepted it. */
  async liveMigrate(serverId: string, host: string): Promise<void> {
    await this.#act(serverId, { 'os-migrateLive': { host, block_migration: 'auto' } });
  }

  /** Puts a server into the status ERROR. */
  async resetToError(serverId: string): Promise<void> {
    await this.#act(serverId, { 'os-resetState': { state: 'error' } });
  }

  /** Asks for a deletion; resolves when Nova has accepted it. */
  async deleteServer(id: string): Promise<void> {
    await this.#admin.call('DELETE', `${ROOTS.nova}/servers/${id}`);
  }

  /** Makes a server as the user `prober`; resolves when Nova has accepted it (status BUILD). */
  async createServer(wanted: NewServer): Promise<SeenServer> {
    const images = imagesAnswer.parse(
      await this.#prober.call('GET', `${ROOTS.glance}/images?name=probe-image`),
    );
    const networks = networksAnswer.parse(
      await this.#prober.call('GET', `${ROOTS.neutron}/networks?name=probe-net`),
    );
    const server = {
      ...wanted,
      imageRef: images.images[0]?.id,
      flavorRef: 'probe',
      networks: [{ uuid: networks.networks[0]?.id }],
    };
    const created = createdAnswer.parse(await this.#prober.call('POST', `${ROOTS.nova}/servers`, { server }));
    const seen = await this.getServer(created.server.id);
    if (seen === undefined) throw new Error(`server ${created.server.id} is gone`);
    return seen;
  }

  /** Limits the number of servers of a project; -1 lifts the limit. */
  async setInstanceQuota(projectName: string, instances: number): Promise<void> {
    const url = `${ROOTS.keystone}/projects?name=${encodeURIComponent(projectName)}`;
    const [project] = projectsAnswer.parse(await this.#admin.call('GET', url)).projects;
    const body = { quota_set: { instances, force: true } };
    await this.#admin.call('PUT', `${ROOTS.nova}/os-quota-sets/${project?.id ?? ''}`, body);
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

  /** The present end of the request logs. */
  async mark(): Promise<Mark> {
    return this.#requests.mark();
  }

  /** Requests answered since the mark; see `RequestLog.requestsSince` for what is left out. */
  async requestsSince(mark: Mark, options?: RequestsOptions): Promise<LoggedRequest[]> {
    return this.#requests.requestsSince(mark, options);
  }

  async #setService(host: string, change: Readonly<Record<string, string>>): Promise<void> {
    const found = (await this.listHypervisors()).find((hypervisor) => hypervisor.host === host);
    if (found === undefined) throw new Error(`no hypervisor on host ${host}`);
    await this.#admin.call('PUT', `${ROOTS.nova}/os-services/${found.serviceId}`, change);
  }

  async #act(serverId: string, action: unknown): Promise<void> {
    await this.#admin.call('POST', `${ROOTS.nova}/servers/${serverId}/action`, action);
  }
}
