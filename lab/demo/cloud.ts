import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { connectGuests } from '../cloud/connectGuests.ts';
import { createLoadModel, startGuests, type LoadModel } from '../guests/index.ts';
import {
  MEASURED_TIMES,
  startOpenstackSim,
  type HypervisorOptions,
  type OpenstackSim,
} from '../openstack-sim/index.ts';
import { REGION } from './config.ts';
import { drawNetwork, type ProbeNetwork } from './network.ts';
import type { CountedCloud } from './pass.ts';
import type { Playground } from './play.ts';

const ZONES = ['zone-a', 'zone-b'] as const;
/** From how many hypervisors on some of them are special. */
const SPECIALS_FROM = 6;
const SERVER_BUILD_MS = 2_000;
const GUEST_BOOT_MS = 500;
const AGENT_PULL_MS = 2_000;
/** A real Nova takes a minute; here somebody is watching. */
const SERVICE_DOWN_MS = 5_000;

/** The simulated cloud with its guests. */
export interface DemoCloud extends Playground, CountedCloud, AsyncDisposable {
  /** Path of the credentials. */
  readonly cloudsYaml: string;
  readonly ports: ProbeNetwork['ports'];
}

/** How the cloud of the demo is made. */
export interface DemoCloudOptions {
  readonly folder: string;
  readonly hypervisors: number;
  readonly answerTimes: 'instant' | 'measured';
  /** Whether all of loopback is the demo's, so that one listener can serve every guest. */
  readonly isAlone: boolean;
  readonly log: (line: string) => void;
}

/** As docs/getting-started.md makes them. */
const PROBE_RULES = [
  { protocol: 'tcp', port: 9100 },
  { protocol: 'tcp', port: 9374 },
  { protocol: 'icmp', members: true },
] as const;

/** Starts the cloud, writes its credentials into the folder, and runs a guest for each of its servers. */
export async function startDemoCloud(options: DemoCloudOptions): Promise<DemoCloud> {
  const network = await drawNetwork(options.isAlone);
  await using starting = new AsyncDisposableStack();
  const sim = starting.adopt(
    await startOpenstackSim({
      hypervisors: listHypervisors(options.hypervisors),
      networkCidr: network.cidr,
      securityGroups: { probe: PROBE_RULES },
      bootMs: SERVER_BUILD_MS,
      serviceDownTimeMs: SERVICE_DOWN_MS,
    }),
    (started) => started.stop(),
  );
  if (options.answerTimes === 'measured') sim.applyScenario({ http: MEASURED_TIMES });
  const model = createLoadModel({ now: Date.now, seed: 'demo' });
  const guests = starting.adopt(
    await startGuests({
      pullMs: AGENT_PULL_MS,
      bootMs: GUEST_BOOT_MS,
      listen: options.isAlone ? 'wildcard' : 'perAddress',
      ports: network.ports,
      model,
      log: options.log,
    }),
    (started) => started.stopAll(),
  );
  connectGuests(sim, guests);
  const cloudsYaml = join(options.folder, 'clouds.yaml');
  await writeFile(cloudsYaml, renameCloud(sim.cloudsYaml), { mode: 0o600 });
  const held = starting.move();
  return {
    ...playground(sim, model),
    cloudsYaml,
    ports: network.ports,
    countRequests: () => {
      const mark = sim.requests.mark();
      return () => {
        const requests = sim.requests.since(mark);
        const writes = requests.filter(
          ({ service, method }) => service !== 'keystone' && method !== 'GET' && method !== 'HEAD',
        );
        return Promise.resolve({ calls: requests.length, writes: writes.length });
      };
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Two zones in turn; of a region that is large enough one is drained, one down and one bare metal. */
function listHypervisors(count: number): readonly HypervisorOptions[] {
  return Array.from({ length: count }, (_, index): HypervisorOptions => {
    const zone = ZONES[index % ZONES.length] ?? 'zone-a';
    if (count < SPECIALS_FROM) return { zone };
    if (index === count - 1) return { zone, type: 'ironic' };
    if (index === count - 2) return { zone, state: 'down' };
    return index === count - 3
      ? { zone, status: 'disabled', disabledReason: 'drained for repair' }
      : { zone };
  });
}

/** The example calls its cloud as its region. */
function renameCloud(cloudsYaml: string): string {
  const { clouds } = parse(cloudsYaml) as { clouds: Record<string, unknown> };
  return stringify({ clouds: { [REGION]: clouds['prober'] } });
}

function playground(sim: OpenstackSim, model: LoadModel): Playground {
  const names = new Set(sim.hosts());
  return {
    hypervisors: () => [...names],
    add: () => {
      const [name = ''] = sim.addHypervisors(1, { zone: ZONES[names.size % ZONES.length] ?? 'zone-a' });
      names.add(name);
      return Promise.resolve(name);
    },
    drain: (name) => {
      sim.disable(name, 'taken away');
      return Promise.resolve();
    },
    remove: (name) => {
      sim.removeHypervisor(name);
      names.delete(name);
      return Promise.resolve();
    },
    break: async (name) => {
      sim.powerOff(name);
      while (sim.isUp(name)) await delay(100);
    },
    heal: (name) => {
      sim.reviveCompute(name);
      return Promise.resolve();
    },
    setLoad: (name, load) => model.setLoad(sim.hypervisorOf(name), load),
    nameOf: (name) => sim.hypervisorOf(name),
  };
}
