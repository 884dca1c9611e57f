import type { SeenHypervisor, SeenServer } from './shapes.ts';

/** A server to make by hand in the project `probes`, on one host. */
export interface NewServer {
  readonly name: string;
  /** Service host, such as `cmp001`. */
  readonly host: string;
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Services whose requests are logged. */
export type Service = 'keystone' | 'nova' | 'placement' | 'glance' | 'neutron';

/** One request that a service of the cloud has answered. */
export interface LoggedRequest {
  readonly service: Service;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly status: number;
  /** When the request came in, in milliseconds since the epoch. */
  readonly timeMs: number;
  /** User agent; `null` where the service logs none. */
  readonly agent: string | null;
}

/** What {@link ScenarioCloud.requestsSince} gives. */
export interface RequestsOptions {
  /** Also the requests of the services among themselves; `false` by default. */
  readonly internal?: boolean;
}

/** A place in the request logs: how far each one had come. */
export type Mark = Readonly<Record<Service, number>>;

/** What differs between clouds of the scenario in quantity only. */
export interface ScenarioFigures {
  /** How long anything may take that the scenario waits for, in milliseconds. */
  readonly patienceMs: number;
  /** Time between two looks while waiting, in milliseconds. */
  readonly pollMs: number;
  /** Calls at the services that a pass with nothing to do may need, without those among themselves. */
  readonly idleCallsMax: number;
}

/** Stand-ins for what runs inside the probes. */
export interface Guests {
  stop(): Promise<void>;
}

/**
 * A cloud on which a region's life can be played: what an operator sees and does there, how its hosts are
 * disturbed, and what its services log. Shares no code with the product.
 *
 * It has at least five hypervisors, all up and enabled, and no servers. Hosts are named by service host.
 */
export interface ScenarioCloud {
  /** Has the clouds `prober`, which may do all that a pass needs, and `viewer` of the same project, which may not. */
  readonly cloudsYaml: string;
  readonly figures: ScenarioFigures;

  /** All servers of all projects. */
  listServers(): Promise<readonly SeenServer[]>;
  /** One server; `undefined` when it is gone. */
  getServer(id: string): Promise<SeenServer | undefined>;
  listHypervisors(): Promise<readonly SeenHypervisor[]>;
  /** Makes a server as a user of the project `probes`; resolves when it is accepted. */
  createServer(wanted: NewServer): Promise<SeenServer>;
  /** Asks for a deletion; resolves when it is accepted. */
  deleteServer(id: string): Promise<void>;

  /** Makes a network without a subnet, in the project `probes`. */
  createNetwork(name: string): Promise<{ readonly id: string }>;
  /** Deletes a network on which nothing is. */
  deleteNetwork(id: string): Promise<void>;

  /** Disables the compute service of a host. */
  disable(host: string, reason?: string): Promise<void>;
  enable(host: string): Promise<void>;
  /** Asks for a live migration to a service host; resolves when it is accepted. */
  liveMigrate(serverId: string, host: string): Promise<void>;
  /** Puts a server into the status ERROR. */
  resetToError(serverId: string): Promise<void>;
  /** Sets metadata of a server and keeps the rest of it. */
  setMetadata(serverId: string, metadata: Readonly<Record<string, string>>): Promise<void>;
  /** Limits the number of servers of a project; -1 lifts the limit. */
  setInstanceQuota(project: string, instances: number): Promise<void>;
  /** Kills the compute service of a host at once; the cloud sees it down some time later. */
  killCompute(host: string): Promise<void>;
  /** Starts a killed compute service again; resolves when the cloud sees it up. */
  reviveCompute(host: string): Promise<void>;
  /** Adds hypervisors after the last one; resolves when the cloud lists them all. */
  addHypervisors(count: number): Promise<void>;
  /** Makes a host misbehave: `{ spawn_error: 'text' }`. */
  setFault(host: string, fault: Readonly<Record<string, unknown>>): Promise<void>;
  clearFault(host: string): Promise<void>;
  /** Takes up a host's room, so that no further probe fits beside what runs there. */
  fillHost(host: string): Promise<void>;
  /** Gives that room back. */
  emptyHost(host: string): Promise<void>;

  /** The present end of the request logs. */
  mark(): Promise<Mark>;
  /** Requests answered since the mark, without the observer's and, by default, those of the services among themselves. */
  requestsSince(mark: Mark, options?: RequestsOptions): Promise<readonly LoggedRequest[]>;

  /** Lets the guest of every active server answer as a probe does, pulling the peers document from this URL. */
  startGuests(peersUrl: string): Promise<Guests>;
  close(): Promise<void>;
}
