import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, parseDocument, stringify } from 'yaml';
import { connectGuests } from '../../../lab/cloud/connectGuests.ts';
import { REGION, renderDemoConfig } from '../../../lab/demo/config.ts';
import { drawNetwork } from '../../../lab/demo/network.ts';
import { createLoadModel, startGuests, type LoadModel } from '../../../lab/guests/index.ts';
import { startOpenstackSim } from '../../../lab/openstack-sim/index.ts';
import { freePorts } from '../../../lab/servers/port.ts';
import { startStack, type Stack } from '../../../lab/stack/index.ts';
import { GENERIC, renderRuleFiles } from '../../../monitoring/prometheus/render.ts';
import { eventually } from '../../support/await.ts';

const ZONES = ['zone-a', 'zone-b'] as const;
const PUBLIC_TARGETS = ['192.0.2.1', '192.0.2.2', '192.0.2.3'] as const;
/** As often as this machine manages with all the servers on it; rates over a minute get twelve samples. */
const SCRAPE_INTERVAL = '5s';

/** It bundles its workflows first. */
const WORKER_START_MS = 240_000;

/** A region of the lab under the rules, with a worker that Prometheus scrapes too. */
export interface WatchedLab extends AsyncDisposable {
  readonly region: string;
  readonly stack: Stack;
  /** Those that have a guest, sorted. */
  readonly hypervisors: () => readonly string[];
  readonly model: LoadModel;
}

/** Starts everything real around simulated hypervisors in two zones; nothing has been made yet. */
export async function startWatchedLab(hypervisorCount: number): Promise<WatchedLab> {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'innervisor-dashboards-'));
  starting.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  const network = await drawNetwork(false);
  const sim = starting.adopt(
    await startOpenstackSim({
      hypervisors: Array.from({ length: hypervisorCount }, (_, index) => ({
        zone: ZONES[index % ZONES.length] ?? 'zone-a',
      })),
      networkCidr: network.cidr,
      securityGroups: { probe: [] },
      bootMs: 500,
    }),
    (started) => started.stop(),
  );
  const model = createLoadModel({ now: Date.now, seed: 'dashboards' });
  const guests = starting.adopt(
    await startGuests({ pullMs: 1_000, bootMs: 100, listen: 'perAddress', ports: network.ports, model }),
    (started) => started.stopAll(),
  );
  connectGuests(sim, guests);
  const cloudsYaml = join(folder, 'clouds.yaml');
  const { clouds } = parse(sim.cloudsYaml) as { clouds: Record<string, unknown> };
  await writeFile(cloudsYaml, stringify({ clouds: { [REGION]: clouds['prober'] } }), { mode: 0o600 });
  const [workerPort = 0] = await freePorts(1);
  const listen = `127.0.0.1:${workerPort}`;
  const stack = starting.use(
    await startStack({
      cloudsYaml,
      folder,
      scrapeInterval: SCRAPE_INTERVAL,
      renderConfig: (addresses) => {
        const document = parseDocument(
          renderDemoConfig(addresses, { ports: network.ports, hypervisors: hypervisorCount, workerPort }),
        );
        document.setIn(['regions', REGION, 'probe', 'publicTargets'], PUBLIC_TARGETS);
        return document.toString();
      },
    }),
  );
  await watchWorker(stack, listen);
  await eventually(async () => (await fetch(`http://${listen}/readyz`)).ok, {
    timeoutMs: WORKER_START_MS,
    intervalMs: 500,
    describe: 'the worker is ready',
  });
  const held = starting.move();
  return {
    region: REGION,
    stack,
    hypervisors: () =>
      guests
        .states()
        .map(({ hypervisor }) => hypervisor)
        .toSorted(),
    model,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** Has Prometheus scrape the worker and evaluate the rules, all as often as it scrapes. */
async function watchWorker({ prometheus, folder }: Stack, listen: string): Promise<void> {
  const ruleFiles: string[] = [];
  for (const { name, text } of renderRuleFiles(GENERIC)) {
    const rules = parse(text) as { groups: { interval?: string }[] };
    // What is made every minute in a real region is waited for here.
    for (const group of rules.groups) delete group.interval;
    const path = join(folder, name);
    await writeFile(path, stringify(rules));
    ruleFiles.push(path);
  }
  const config = parse(await readFile(prometheus.configPath, 'utf8')) as { scrape_configs: object[] };
  await writeFile(
    prometheus.configPath,
    stringify({
      ...config,
      rule_files: ruleFiles,
      scrape_configs: [
        ...config.scrape_configs,
        { job_name: 'innervisor-worker', static_configs: [{ targets: [listen] }] },
      ],
    }),
  );
  await prometheus.reload();
}
