import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { freePorts } from '../../lab/servers/port.ts';
import { startStack, type Stack, type StackAddresses } from '../../lab/stack/index.ts';
import type { PassReport } from '../../src/domain/pass.ts';
import { SimCloud } from '../simulation/simCloud.ts';
import { startReceiver, type Receiver } from './receiver.ts';

/** The region's name. */
export const REGION = 'lab';

/** As production scrapes and evaluates. */
const SCRAPE_INTERVAL = '15s';
const MONITORING = join(import.meta.dirname, '..', '..', 'monitoring');
const PUBLIC_TARGETS = ['192.0.2.1', '198.51.100.1', '203.0.113.1'];

/** A region with all that is between a bad hypervisor and the people on duty. */
export interface Chain extends AsyncDisposable {
  readonly cloud: SimCloud;
  readonly stack: Stack;
  readonly receiver: Receiver;
  /** Runs one pass and gives its report, whatever its outcome. */
  pass(): Promise<PassReport>;
}

/** Starts a region of this size, in two zones, with the rules and the routing that users get. */
export async function startChain(hypervisors: number): Promise<Chain> {
  await using starting = new AsyncDisposableStack();
  const cloud = starting.adopt(await SimCloud.open({ hypervisors, zones: ['zone-a', 'zone-b'] }), (open) =>
    open.close(),
  );
  const receiver = starting.use(await startReceiver());
  const [workerPort = 0] = await freePorts(1);
  const stack = starting.use(
    await startStack({
      cloudsYaml: cloud.cloudsYaml,
      renderConfig: (addresses) => stringify(configOf(addresses, workerPort)),
      scrapeInterval: SCRAPE_INTERVAL,
      monitoring: {
        ruleFiles: [join(MONITORING, 'prometheus', '*.rules.yaml')],
        alertmanagerConfig: await tellingTo(receiver.url),
        workerPort,
      },
    }),
  );
  starting.adopt(await cloud.startGuests(), (guests) => guests.stop());
  const held = starting.move();
  return {
    cloud,
    stack,
    receiver,
    pass: async () => {
      const { stdout, stderr } = await stack.innervisor(['reconcile', REGION, '--output', 'json']);
      if (stdout === '') throw new Error(`the pass gave no report: ${stderr}`);
      return JSON.parse(stdout) as PassReport;
    },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

/** The routing that users get, with the webhook wherever somebody is told. */
async function tellingTo(url: string): Promise<string> {
  const text = await readFile(join(MONITORING, 'alertmanager', 'alertmanager.yml'), 'utf8');
  const config = parse(text) as { route: object; receivers: readonly { readonly name: string }[] };
  const receivers = config.receivers.map(({ name }) =>
    name === 'nobody' ? { name } : { name, webhook_configs: [{ url, send_resolved: true }] },
  );
  return stringify({ ...config, receivers });
}

function configOf(addresses: StackAddresses, workerPort: number): object {
  const { bucket, s3Endpoint, prometheusUrl, alertmanagerUrl, targetsPath, signingKeyPath } = addresses;
  const key = `peers/${REGION}.json`;
  return {
    installation: 'test',
    regions: {
      [REGION]: {
        openstack: { cloud: 'prober', concurrency: 8, requestsPerSecond: 100, pollMs: 500 },
        probe: {
          image: 'probe-image',
          flavor: 'probe',
          networks: ['probe-net'],
          securityGroups: [],
          publicTargets: PUBLIC_TARGETS,
        },
        peers: {
          bucket,
          key,
          endpoint: s3Endpoint,
          readUrl: `${s3Endpoint}/${bucket}/${key}`,
          signingKeyFile: signingKeyPath,
        },
        prometheus: {
          url: prometheusUrl,
          publish: { kind: 'file', path: targetsPath },
          ports: { node: 9100, ping: 9374 },
        },
        alertmanager: { urls: [alertmanagerUrl] },
        // A killed guest is to be told of here, not to be repaired by the next pass.
        repair: { silentSeconds: 3_600 },
        verify: { timeoutSeconds: 60, intervalSeconds: 1 },
        schedule: { every: '1h', jitter: '0s' },
      },
    },
    artifacts: { bucket, endpoint: s3Endpoint },
    worker: { listen: `127.0.0.1:${workerPort}` },
  };
}
