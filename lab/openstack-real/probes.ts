import { createDoors, PORTS } from '../guests/doors.ts';
import { renderFamilies } from '../guests/exposition.ts';
import { generationFamily } from '../guests/agentMetrics.ts';
import { exporterFamilies } from '../guests/exporterMetrics.ts';
import { createLoadModel } from '../guests/model.ts';
import { nodeFamilies } from '../guests/nodeMetrics.ts';
import { createOdometer, type Odometer } from '../guests/odometer.ts';

const FETCH_TIMEOUT_MS = 5_000;
/** Nobody tells these stand-ins where their guest runs: they are all on one calm hypervisor. */
const HYPERVISOR = 'lab';

/** What the stand-ins of the probe guests need. */
export interface ProbesOptions {
  /** Where the peers document is read anonymously; `null` when none is published. */
  readonly peersUrl: string | null;
  /** Whether the guest at this address answers; asked for every request. */
  readonly isAlive: (address: string) => boolean;
  /** Time between two reads of the peers document. */
  readonly pollMs: number;
}

/** Running stand-ins of all probe guests. */
export interface Probes {
  /** Generation of the peers document last read; 0 before the first good read. */
  generation(): number;
  /** Why the last read of the peers document failed; `null` after a good one. */
  lastError(): string | null;
  stop(): Promise<void>;
}

/**
 * Answers for every probe of the lab's network: one node exporter (port 9100) and one agent (port
 * 9374) on all addresses of the namespace. A guest that is not alive breaks the connection.
 *
 * @throws Error when a port is taken.
 */
export async function startProbes(options: ProbesOptions): Promise<Probes> {
  let generation = 0;
  let lastError: string | null = null;
  const model = createLoadModel({ now: Date.now, seed: 'openstack-real' });
  const bootMs = model.now();
  const odometers = new Map<string, Odometer>();

  async function poll(url: string): Promise<void> {
    try {
      generation = await readGeneration(url);
      lastError = null;
    } catch (error) {
      // As in a real guest: the last good document stays in force.
      lastError = error instanceof Error ? error.message : String(error);
    }
  }

  function odometerOf(address: string): Odometer {
    const odometer =
      odometers.get(address) ?? createOdometer(model, address, { hypervisor: HYPERVISOR, bootMs });
    odometers.set(address, odometer);
    return odometer;
  }

  function nodeMetrics(address: string): string {
    return renderFamilies(nodeFamilies(odometerOf(address), address, model.now()));
  }

  function ownMetrics(address: string): string {
    const state = { version: 'stand-in', storageClass: 'local', generation };
    const totals = odometerOf(address).read(model.now());
    return renderFamilies([generationFamily(generation), ...exporterFamilies(totals, [], state)]);
  }

  const doors = await createDoors({
    listen: 'wildcard',
    ports: PORTS,
    isReachable: options.isAlive,
    answer: (address, exporter) => {
      if (!options.isAlive(address)) return null;
      return exporter === 'node' ? nodeMetrics(address) : ownMetrics(address);
    },
  });
  const { peersUrl } = options;
  let timer: NodeJS.Timeout | undefined;
  async function stop(): Promise<void> {
    clearInterval(timer);
    await doors.closeAll();
  }
  if (peersUrl !== null) {
    await poll(peersUrl);
    timer = setInterval(() => void poll(peersUrl), options.pollMs);
  }
  return { generation: () => generation, lastError: () => lastError, stop };
}

async function readGeneration(url: string): Promise<number> {
  const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`peers document: status ${response.status}`);
  const body: unknown = await response.json();
  if (
    typeof body === 'object' &&
    body !== null &&
    'generation' in body &&
    typeof body.generation === 'number'
  ) {
    return body.generation;
  }
  throw new Error('peers document: no generation');
}
