import { createLoadModel, startGuests, type Guests } from '../../lab/guests/index.ts';
import { startOpenstackSim, type OpenstackSim } from '../../lab/openstack-sim/index.ts';
import { CloudObserver } from '../scenario/observer.ts';
import type { SeenServer } from '../scenario/shapes.ts';
import type { Chance } from './chance.ts';

/** A region under test: its simulated cloud with guests that serve, and what the run itself has done to it. */
export interface TestedRegion {
  readonly name: string;
  /** Where its passes find a worker. */
  readonly taskQueue: string;
  readonly chance: Chance;
  readonly sim: OpenstackSim;
  /** What an operator sees and does; never broken by faults. */
  readonly observer: CloudObserver;
  /** Hosts that something was done to, so that their probes may have been replaced or lost. */
  readonly touched: Set<string>;
  /** Servers that aren't ours, by id, as they were made. */
  readonly foreign: Map<string, SeenServer>;
  /** Nova's cells, over which the hypervisors are spread in turn. */
  readonly cells: readonly string[];
  /** Whether Nova keeps deleted servers for a while. */
  readonly keepsDeleted: boolean;
  /** Hosts that were drained or taken away; each costs monitoring, and the guard allows for few. */
  readonly removed: Set<string>;
  /** Servers that were made by hand and carry our mark, each with the probe beside which it was made, by id. */
  readonly handMade: Map<string, string>;
  /** Servers of probes that were made worse, by id. */
  readonly harmed: Set<string>;
  /** Servers whose guests were made to answer nobody, by id. */
  readonly silenced: Set<string>;
  /** Servers whose ports were deleted, by id: nobody reaches them for good. */
  readonly unplugged: Set<string>;
  /** Whether lists may have left out servers that are there: a page lied, or a cell didn't answer. */
  hides: boolean;
  /** What was done so far, for the report of a run that fails. */
  readonly diary: string[];
  /** Guests that this machine couldn't serve: what a run says of them isn't true of the product. */
  readonly unserved: readonly string[];
  /** Lets the guest of a server answer nobody until it boots again. */
  silenceGuest(serverId: string): void;
  close(): Promise<void>;
}

/** Where a region is put, and what of it isn't drawn. */
export interface Site {
  readonly name: string;
  /** The loopback addresses of its guests. */
  readonly networkCidr: string;
  readonly chance: Chance;
  readonly taskQueue?: string;
  readonly hypervisors?: number;
  readonly keepsDeleted?: boolean;
}

/** How long Nova keeps a deleted server, where it does: longer than a pass takes. */
const RECLAIM_SECONDS = 60;

/** The revision of probes that are to be replaced by ones of the present revision. */
export const OLD_REVISION = 'older';

/** Starts the cloud of a region. */
export async function startRegion({
  name,
  networkCidr,
  chance,
  taskQueue = 'innervisor',
  hypervisors = chance.between(3, 5),
  keepsDeleted = chance.happens(0.2),
}: Site): Promise<TestedRegion> {
  const zones = chance.pick([['nova'], ['az1', 'az2']]);
  const cells = chance.pick([['cell1'], ['cell1', 'cell2']]);
  const sim = await startOpenstackSim({
    hypervisors: Array.from({ length: hypervisors }, (_, place) => ({
      zone: inTurn(zones, place),
      cell: inTurn(cells, place),
    })),
    ...(keepsDeleted ? { reclaimInstanceIntervalSeconds: RECLAIM_SECONDS } : {}),
    seed: chance.between(1, 1_000_000),
    networkCidr,
    maxLimit: chance.pick([2, 1_000]),
    bootMs: 300,
    durations: { deletingMs: 150, deletedShownMs: 50, migratingMs: 300, localDeleteMs: 200, poweringMs: 200 },
    serviceDownTimeMs: 1_000,
  });
  const unserved: string[] = [];
  const silenced = new Set<string>();
  const guests = await serveGuests(sim, name, unserved);
  const { keystone, nova, neutron, glance } = sim.origins;
  return {
    name,
    taskQueue,
    chance,
    sim,
    observer: new CloudObserver({
      keystone: `${keystone}/v3`,
      nova: `${nova}/v2.1`,
      neutron: `${neutron}/v2.0`,
      glance: `${glance}/v2`,
    }),
    touched: new Set(),
    foreign: new Map(),
    cells,
    keepsDeleted,
    removed: new Set(),
    handMade: new Map(),
    harmed: new Set(),
    silenced,
    unplugged: new Set(),
    hides: false,
    diary: [],
    unserved,
    silenceGuest: (serverId) => {
      silenced.add(serverId);
      guests.setReachable(serverId, false);
    },
    close: async () => {
      await guests.stopAll();
      await sim.stop();
    },
  };
}

function inTurn(items: readonly string[], place: number): string {
  return items[place % items.length] ?? '';
}

async function serveGuests(sim: OpenstackSim, name: string, unserved: string[]): Promise<Guests> {
  const model = createLoadModel({ now: Date.now, seed: name });
  const log = (line: string): void => {
    if (line.includes("can't be reached")) unserved.push(line);
  };
  const guests = await startGuests({ pullMs: 4_000, bootMs: 100, listen: 'perAddress', model, log });
  sim.guests.on('boot', ({ zone, userData, ...guest }) => {
    guests.boot({ ...guest, availabilityZone: zone, userDataBase64: userData });
  });
  sim.guests.on('gone', ({ serverId }) => void guests.stop(serverId));
  sim.guests.on('move', ({ serverId, host, hypervisor, zone }) => {
    guests.move(serverId, { host, hypervisor, availabilityZone: zone });
  });
  return guests;
}

/** Whether a server carries the mark of the installation and region under test. */
export function isOurs(server: Pick<SeenServer, 'metadata'>, region: string): boolean {
  const { metadata } = server;
  return metadata['innervisor_installation'] === 'test' && metadata['innervisor_region'] === region;
}
