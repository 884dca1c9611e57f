import { ApiError, Session, type Roots } from './api.ts';
import type { NewServer } from './cloud.ts';
import {
  createdAnswer,
  createdNetworkAnswer,
  hypervisorsAnswer,
  imagesAnswer,
  networksAnswer,
  portsAnswer,
  projectsAnswer,
  serverAnswer,
  serversAnswer,
  toHypervisor,
  toServer,
  type SeenHypervisor,
  type SeenServer,
} from './shapes.ts';

const LISTINGS_MAX = 20;

/** What an operator sees and does by a cloud's own API; shares no code with the product. */
export class CloudObserver {
  readonly #roots: Roots;
  /** A session with all rights. */
  protected readonly admin: Session;
  readonly #prober: Session;

  /** @param roots - of a cloud that has the users `admin` and `prober`, as the lab's `clouds.yaml` names them. */
  constructor(roots: Roots) {
    this.#roots = roots;
    this.admin = new Session(roots, 'admin', 'admin');
    this.#prober = new Session(roots, 'prober', 'probes');
  }

  /** All servers of all projects, but for those of a cell that doesn't answer: pages leave them out. */
  async listServers(): Promise<SeenServer[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#listServersOnce();
      } catch (error) {
        // The server that a page ended with may be gone before the next page is asked for.
        if (!(error instanceof ApiError && error.status === 400) || attempt === LISTINGS_MAX) throw error;
      }
    }
  }

  async #listServersOnce(): Promise<SeenServer[]> {
    const servers: SeenServer[] = [];
    let url: string | undefined = `${this.#roots.nova}/servers/detail?all_tenants=1&limit=1000`;
    while (url !== undefined) {
      const page: ReturnType<typeof serversAnswer.parse> = serversAnswer.parse(
        await this.admin.call('GET', url),
      );
      servers.push(...page.servers.map(toServer));
      url = page.servers_links.find(({ rel }) => rel === 'next')?.href;
    }
    return servers;
  }

  /** One server; `undefined` when it is gone. */
  async getServer(id: string): Promise<SeenServer | undefined> {
    try {
      const answer = serverAnswer.parse(await this.admin.call('GET', `${this.#roots.nova}/servers/${id}`));
      return toServer(answer.server);
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** All hypervisors. */
  async listHypervisors(): Promise<SeenHypervisor[]> {
    const hypervisors: SeenHypervisor[] = [];
    let url: string | undefined = `${this.#roots.nova}/os-hypervisors/detail`;
    while (url !== undefined) {
      const page: ReturnType<typeof hypervisorsAnswer.parse> = hypervisorsAnswer.parse(
        await this.admin.call('GET', url),
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

  /** Shuts a server off. */
  async stopServer(serverId: string): Promise<void> {
    await this.#act(serverId, { 'os-stop': null });
  }

  /** Lets a server stand still in memory. */
  async pauseServer(serverId: string): Promise<void> {
    await this.#act(serverId, { pause: null });
  }

  /** Lets a server stand still on disk. */
  async suspendServer(serverId: string): Promise<void> {
    await this.#act(serverId, { suspend: null });
  }

  /** Asks for a cold migration to any other host, which ends with VERIFY_RESIZE. */
  async coldMigrate(serverId: string): Promise<void> {
    await this.#act(serverId, { migrate: null });
  }

  /** Leaves a server where a cold migration has put it. */
  async confirmMigration(serverId: string): Promise<void> {
    await this.#act(serverId, { confirmResize: null });
  }

  /** Brings a server back to where a cold migration took it from. */
  async revertMigration(serverId: string): Promise<void> {
    await this.#act(serverId, { revertResize: null });
  }

  /** Deletes the ports of a server in Neutron, and so its addresses. */
  async deletePorts(serverId: string): Promise<void> {
    const url = `${this.#roots.neutron}/ports`;
    const { ports } = portsAnswer.parse(await this.admin.call('GET', `${url}?device_id=${serverId}`));
    for (const { id } of ports) await this.admin.call('DELETE', `${url}/${id}`);
  }

  /** Sets metadata of a server and keeps the rest of it. */
  async setMetadata(serverId: string, metadata: Readonly<Record<string, string>>): Promise<void> {
    await this.admin.call('POST', `${this.#roots.nova}/servers/${serverId}/metadata`, { metadata });
  }

  /** Asks for a deletion; resolves when Nova has accepted it. */
  async deleteServer(id: string): Promise<void> {
    await this.admin.call('DELETE', `${this.#roots.nova}/servers/${id}`);
  }

  /** Makes a server as the user `prober`; resolves when Nova has accepted it (status BUILD). */
  async createServer(wanted: NewServer): Promise<SeenServer> {
    const images = imagesAnswer.parse(
      await this.#prober.call('GET', `${this.#roots.glance}/images?name=probe-image`),
    );
    const networks = networksAnswer.parse(
      await this.#prober.call('GET', `${this.#roots.neutron}/networks?name=probe-net`),
    );
    const server = {
      ...wanted,
      imageRef: images.images[0]?.id,
      flavorRef: 'probe',
      networks: [{ uuid: networks.networks[0]?.id }],
    };
    const created = createdAnswer.parse(
      await this.#prober.call('POST', `${this.#roots.nova}/servers`, { server }),
    );
    const seen = await this.getServer(created.server.id);
    if (seen === undefined) throw new Error(`server ${created.server.id} is gone`);
    return seen;
  }

  /** Makes a network without a subnet, in the project of the probes. */
  async createNetwork(name: string): Promise<{ readonly id: string }> {
    const answer = await this.#prober.call('POST', `${this.#roots.neutron}/networks`, { network: { name } });
    return createdNetworkAnswer.parse(answer).network;
  }

  /** Deletes a network on which nothing is. */
  async deleteNetwork(id: string): Promise<void> {
    await this.#prober.call('DELETE', `${this.#roots.neutron}/networks/${id}`);
  }

  /** Limits the number of servers of a project; -1 lifts the limit. */
  async setInstanceQuota(projectName: string, instances: number): Promise<void> {
    const url = `${this.#roots.keystone}/projects?name=${encodeURIComponent(projectName)}`;
    const [project] = projectsAnswer.parse(await this.admin.call('GET', url)).projects;
    const body = { quota_set: { instances, force: true } };
    await this.admin.call('PUT', `${this.#roots.nova}/os-quota-sets/${project?.id ?? ''}`, body);
  }

  /** The hypervisor of a service host. */
  protected async hypervisorOn(host: string): Promise<SeenHypervisor> {
    const found = (await this.listHypervisors()).find((hypervisor) => hypervisor.host === host);
    if (found === undefined) throw new Error(`no hypervisor on host ${host}`);
    return found;
  }

  async #setService(host: string, change: Readonly<Record<string, string>>): Promise<void> {
    const { serviceId } = await this.hypervisorOn(host);
    await this.admin.call('PUT', `${this.#roots.nova}/os-services/${serviceId}`, change);
  }

  async #act(serverId: string, action: unknown): Promise<void> {
    await this.admin.call('POST', `${this.#roots.nova}/servers/${serverId}/action`, action);
  }
}
