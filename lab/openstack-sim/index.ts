import { createClock, type Clock } from './core/clock.ts';
import { resolveSettings, type HypervisorOptions, type OpenstackSimOptions } from './core/options.ts';
import { createRandom } from './core/random.ts';
import { Computes } from './computes.ts';
import { HttpFaults } from './faults/httpFaults.ts';
import { scenarioSchema } from './faults/schema.ts';
import { createGlance } from './glance/service.ts';
import { createImage } from './glance/image.ts';
import { Guests } from './guests.ts';
import { SERVICE_NAMES } from './http/call.ts';
import { openListener } from './http/listener.ts';
import { RequestLog } from './http/requestLog.ts';
import { createCatalog, type Origins } from './keystone/catalog.ts';
import { renderCloudsYaml } from './keystone/cloudsYaml.ts';
import { Identity } from './keystone/identity.ts';
import { createKeystone } from './keystone/service.ts';
import { createNeutron } from './neutron/service.ts';
import { NetworkState } from './neutron/state.ts';
import { Aggregates } from './nova/aggregates.ts';
import { Hosts } from './nova/hosts.ts';
import { Quotas } from './nova/quotas.ts';
import { Servers } from './nova/servers.ts';
import { createNova } from './nova/service.ts';
import { unplug } from './nova/unplug.ts';
import type { DownCells, World } from './nova/world.ts';
import { createPlacement } from './placement/service.ts';

export { MANUAL_START_MS, type Clock, type ClockKind } from './core/clock.ts';
export type { StandingServer } from './computes.ts';
export type { HypervisorOptions, OpenstackSimOptions } from './core/options.ts';
export { MEASURED_TIMES } from './faults/measuredTimes.ts';
export type { HostFault, HttpFault, Scenario } from './faults/schema.ts';
export type { Guest, GuestEvent } from './guests.ts';
export type { LoggedRequest, Mark } from './http/requestLog.ts';

/** A running simulated cloud. */
export interface OpenstackSim extends Computes {
  readonly clock: Clock;
  /** Where each service listens, such as `http://127.0.0.1:34567`. */
  readonly origins: Origins;
  /** A `clouds.yaml` with the clouds `prober`, `prober-pw`, `admin`, `plain` and `viewer`. */
  readonly cloudsYaml: string;
  readonly requests: RequestLog;
  readonly guests: Guests;
  /** Rules that break requests. */
  readonly faults: HttpFaults;
  readonly cells: {
    /** A cell doesn't answer: its servers, or its services and hypervisors, are missing from lists. */
    down(cell: string, hides: { readonly servers: boolean; readonly services: boolean }): void;
    up(cell: string): void;
  };
  /** What was asked for that isn't modelled, and was answered 501. */
  readonly unknown: readonly string[];
  /** Breaks what a scenario says. @throws ZodError for what is none. */
  applyScenario(scenario: unknown): void;
  stop(): Promise<void>;
}

/** Starts a simulated cloud. */
export async function startOpenstackSim(options: OpenstackSimOptions = {}): Promise<OpenstackSim> {
  const clock = createClock(options.clock ?? 'real');
  const random = createRandom(options.seed ?? 1);
  const settings = resolveSettings(options);
  const faults = new HttpFaults(random);
  const requests = new RequestLog();
  const unknown: string[] = [];
  const onUnknown = (what: string): void => void unknown.push(what);
  let keystoneUrl = '';
  const parts = { clock, random, faults, log: requests, keystoneUrl: () => keystoneUrl };
  const { address, name: host } = options.listen ?? { address: '127.0.0.1', name: '127.0.0.1' };
  const listeners = await Promise.all(
    SERVICE_NAMES.map((name) => openListener(address, options.ports?.[name] ?? 0, parts)),
  );
  const origins = Object.fromEntries(
    SERVICE_NAMES.map((name, index) => [name, `http://${host}:${listeners[index]?.port ?? 0}`]),
  ) as Record<(typeof SERVICE_NAMES)[number], string>;
  keystoneUrl = `${origins.keystone}/v3`;

  const identity = new Identity(clock, random, settings.tokenLifetimeMs);
  const network = new NetworkState(clock, random);
  network.addNetwork('probe-net', identity.project('probes').id, options.networkCidr ?? '10.77.0.0/16');
  for (const [name, ingress] of Object.entries(options.securityGroups ?? {}))
    network.addGroup(name, identity.project('probes').id, ingress);
  const image = createImage('probe-image', identity.project('admin').id, clock.now(), random);
  const images = new Map([[image.id, image]]);
  const downCells: DownCells = new Map();
  const world: World = {
    clock,
    random,
    settings,
    hosts: new Hosts(clock, random, settings.serviceDownTimeMs),
    aggregates: new Aggregates(clock, random),
    servers: new Servers(),
    quotas: new Quotas(),
    network,
    images,
    guests: new Guests(),
    downCells,
    origin: origins.nova,
  };
  const computes = new Computes(world);
  for (const hypervisor of listHypervisors(options)) computes.addHypervisor(hypervisor);

  const shared = { identity, origins, clock, onUnknown };
  const services = {
    keystone: createKeystone({ ...shared, catalog: createCatalog(origins, random) }),
    nova: createNova(world, { identity, clock, keystoneUrl, onUnknown }),
    placement: createPlacement(shared),
    glance: createGlance({ ...shared, images }),
    neutron: createNeutron({ ...shared, state: network, onPortDeleted: (port) => unplug(world, port) }),
  };
  SERVICE_NAMES.forEach((name, index) => listeners[index]?.serve(services[name]));

  const cells: OpenstackSim['cells'] = {
    down: (cell, hides) => void downCells.set(cell, hides),
    up: (cell) => void downCells.delete(cell),
  };
  return Object.assign(computes, {
    clock,
    origins,
    cloudsYaml: renderCloudsYaml(identity, origins),
    requests,
    guests: world.guests,
    faults,
    cells,
    unknown,
    applyScenario(scenario: unknown) {
      const parsed = scenarioSchema.parse(scenario);
      for (const [host, fault] of Object.entries(parsed.hosts)) computes.setFault(host, fault);
      for (const fault of parsed.http) faults.add(fault);
      for (const host of parsed.killed) computes.killCompute(host);
      for (const [host, reason] of Object.entries(parsed.disabled)) computes.disable(host, reason);
      for (const host of parsed.forcedDown) computes.forceDown(host);
      for (const [cell, hides] of Object.entries(parsed.cellsDown)) cells.down(cell, hides);
    },
    async stop() {
      clock.stop();
      await Promise.all(listeners.map((listener) => listener.close()));
    },
  });
}

function listHypervisors({
  hypervisors = 3,
  zones = ['nova'],
}: OpenstackSimOptions): readonly HypervisorOptions[] {
  if (typeof hypervisors !== 'number') return hypervisors;
  return Array.from({ length: hypervisors }, (_, index) => ({ zone: zones[index % zones.length] ?? 'nova' }));
}
