import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { CALM } from '../../lab/guests/index.ts';
import { eventually } from '../support/await.ts';
import { REGION, startChain, type Chain } from './region.ts';

const HYPERVISORS = 14;
const START_MS = 600_000;
/** From the onset until somebody has been told, and from the cure until somebody is told that it is over. */
const TELLING_MS = 480_000;
const PATIENCE = { timeoutMs: TELLING_MS, intervalMs: 500 };

/** One way in which a hypervisor can be bad, and what is to be told of it. */
interface Fault {
  readonly what: string;
  readonly host: string;
  readonly alert: string;
  begin(chain: Chain): Promise<void> | void;
  end(chain: Chain): Promise<void> | void;
}

const FAULTS: readonly Fault[] = [
  loadFault('stolen time', 'cmp001', 'InnervisorHypervisorSteal', { load: 2 }),
  loadFault('slow disk', 'cmp002', 'InnervisorHypervisorDiskSlow', { diskLatencyMs: 60 }),
  loadFault('loss of its network', 'cmp003', 'InnervisorHypervisorMeshLoss', { networkLoss: 0.15 }),
  loadFault('loss on its way out', 'cmp004', 'InnervisorHypervisorPublicLoss', { publicLoss: 0.3 }),
  {
    what: 'killed guest',
    host: 'cmp005',
    alert: 'InnervisorProbeDown',
    begin: async ({ cloud }) => cloud.muteGuest(await serverOn(cloud, 'cmp005')),
    end: async ({ cloud }) => cloud.unmuteGuest(await serverOn(cloud, 'cmp005')),
  },
];
/** Its probe goes as planned, in two passes. */
const DRAINED = 'cmp006';
/** Its probe is replaced as planned. */
const REPLACED = 'cmp007';

let chain: Chain;
beforeAll(async () => {
  chain = await startChain(HYPERVISORS);
}, START_MS);
afterAll(() => chain[Symbol.asyncDispose]());

function loadFault(
  what: string,
  host: string,
  alert: string,
  load: Parameters<Chain['cloud']['setLoad']>[1],
): Fault {
  return {
    what,
    host,
    alert,
    begin: ({ cloud }) => cloud.setLoad(host, load),
    end: ({ cloud }) => cloud.setLoad(host, CALM),
  };
}

async function serverOn(cloud: Chain['cloud'], host: string): Promise<string> {
  const server = (await cloud.listServers()).find((each) => each.host === host);
  if (server === undefined) throw new Error(`there is no server on ${host}`);
  return server.id;
}

/** How many series a query gives. */
async function count(query: string): Promise<number> {
  const url = `${chain.stack.prometheus.url}/api/v1/query?query=${encodeURIComponent(query)}`;
  const answer: unknown = await (await fetch(url)).json();
  return z.object({ data: z.object({ result: z.array(z.unknown()) }) }).parse(answer).data.result.length;
}

function nameOf(host: string): string {
  return `${host}.lab.example`;
}

/** What was told, each alert once, as `name hypervisor`. */
function toldOf(status: 'firing' | 'resolved'): readonly string[] {
  const told = chain.receiver.told.filter((each) => each.status === status);
  return [...new Set(told.map(({ name, labels }) => `${name} ${labels['hypervisor'] ?? '-'}`))].toSorted();
}

function seconds(fromMs: number, toMs: number | undefined): string {
  return toMs === undefined ? '?' : `${Math.round((toMs - fromMs) / 1000)} s`;
}

const wanted = FAULTS.map(({ alert, host }) => `${alert} ${nameOf(host)}`).toSorted();

test(
  'each bad hypervisor is told of by its own alert and nobody else is, while probes are removed and replaced as planned',
  async () => {
    expect((await chain.pass()).outcome).toBe('converged');
    await eventually(
      async () => {
        expect(await count('innervisor:probe_settled == 1')).toBe(HYPERVISORS);
        expect(await count('innervisor:limit:mesh_rtt_seconds')).toBe(4);
        return true;
      },
      { ...PATIENCE, describe: 'the measurements of all probes count' },
    );
    const onsetMs = Date.now();
    for (const fault of FAULTS) await fault.begin(chain);

    const { cloud } = chain;
    await cloud.setMetadata(await serverOn(cloud, REPLACED), { innervisor_revision: 'of-another-time' });
    await cloud.disable(DRAINED);
    const passes = [await chain.pass(), await chain.pass()];
    await eventually(
      () => {
        expect(toldOf('firing')).toEqual(expect.arrayContaining([...wanted]));
        return true;
      },
      { ...PATIENCE, describe: 'each fault is told of' },
    );

    expect(passes.map(({ replaced, deleted }) => ({ replaced, deleted }))).toEqual([
      { replaced: 1, deleted: 0 },
      { replaced: 0, deleted: 1 },
    ]);
    expect(toldOf('firing')).toEqual(wanted);
    for (const { what, host, alert } of FAULTS) {
      const told = chain.receiver.told.find((each) => each.name === alert);
      expect(told?.labels, what).toMatchObject({
        region: REGION,
        availability_zone: Number(host.slice(-1)) % 2 === 1 ? 'zone-a' : 'zone-b',
        hypervisor: nameOf(host),
        severity: expect.stringMatching(/^(warning|critical)$/),
      });
      expect(told?.annotations['summary'], what).toContain(nameOf(host));
      expect(told?.annotations['runbook_url'], what).toContain(alert);
      console.log(
        `${what}: fires ${seconds(onsetMs, told?.startedMs)} after its onset, told after ${seconds(onsetMs, told?.toldMs)}`,
      );
    }
  },
  START_MS + TELLING_MS,
);

test(
  'a hypervisor on which no probe comes up is seen as unmonitored, by what the worker says should be there',
  async () => {
    const { cloud } = chain;
    await cloud.addHypervisors(1);
    await cloud.setFault('cmp015', { spawn_error: 'out of luck' });
    await chain.pass();

    const pending = `ALERTS{alertname="InnervisorHypervisorUnmonitored",hypervisor="${nameOf('cmp015')}"}`;
    await eventually(async () => (await count(pending)) === 1, {
      ...PATIENCE,
      describe: 'the alert is pending',
    });

    expect(await count('ALERTS{alertname="InnervisorHypervisorUnmonitored"}')).toBe(1);
  },
  TELLING_MS,
);

test(
  'each alert is resolved once its hypervisor is well again, and none other has come meanwhile',
  async () => {
    const cureMs = Date.now();
    for (const fault of FAULTS) await fault.end(chain);

    await eventually(
      () => {
        expect(toldOf('resolved')).toEqual(expect.arrayContaining([...wanted]));
        return true;
      },
      { ...PATIENCE, describe: 'each alert is told to be over' },
    );

    expect(toldOf('firing')).toEqual(wanted);
    for (const { what, alert } of FAULTS) {
      const told = chain.receiver.told.find(({ name, status }) => name === alert && status === 'resolved');
      console.log(`${what}: told to be over ${seconds(cureMs, told?.toldMs)} after its cure`);
    }
  },
  TELLING_MS,
);
