import { stringify } from 'yaml';
import {
  readPassHistory,
  startStack as startServers,
  type CommandResult,
  type StackAddresses,
} from '../../../lab/stack/index.ts';
import type { PassReport } from '../../../src/domain/pass.ts';
import { awaitEntries } from './histories.ts';

export type { CommandResult } from '../../../lab/stack/index.ts';

/**
 * How long probes have to pass their checks, and may be silent, in BUILD or in deletion (the product's own defaults for these
 * two); and the longest range in the rules, 60 by default.
 */
export interface StackSeconds {
  readonly rulesRange?: number;
  readonly verify: number;
  readonly silent: number;
  readonly building?: number;
  readonly deleting?: number;
}

const PATIENT: StackSeconds = { verify: 60, silent: 60 };
const REGION = 'lab';
const PEERS_KEY = 'peers/lab.json';

/** Real Temporal, Prometheus, Alertmanager and S3, and our worker, around the lab's cloud. */
export async function startStack(options: {
  readonly cloudsYaml: string;
  /** Whose rights the worker has; `prober` by default. */
  readonly cloud?: string;
  /** `probe-net` by default. */
  readonly network?: string;
  readonly seconds?: StackSeconds;
  /** Our program; the one of this checkout by default. */
  readonly program?: string;
  /** Further keys at the top of the configuration. */
  readonly more?: object;
  /** `false` by default. */
  readonly webUi?: boolean;
}) {
  const stack = await startServers({
    cloudsYaml: options.cloudsYaml,
    ...(options.program === undefined ? {} : { program: options.program }),
    webUi: options.webUi ?? false,
    renderConfig: (addresses) => stringify(labConfig(addresses, options)),
  });
  const { temporal, s3 } = stack;
  const innervisor = (...args: string[]): Promise<CommandResult> => stack.innervisor(args);
  return {
    ...stack,
    peersUrl: `${s3.endpoint}/${stack.bucket}/${PEERS_KEY}`,
    innervisor,
    /** The real `temporal` binary. */
    temporalCli: (...args: string[]): Promise<CommandResult> => stack.temporalCli(args),
    /** Runs one pass and gives its report, whatever its outcome. */
    async pass(): Promise<PassReport> {
      const { stdout, stderr } = await innervisor('reconcile', REGION, '--output', 'json');
      if (stdout === '') throw new Error(`the pass gave no report: ${stderr}`);
      return JSON.parse(stdout) as PassReport;
    },
    /** History events of the pass and of the entry that ran it. */
    async eventCount(pass: string): Promise<number> {
      return (await readPassHistory(temporal.address, REGION, pass)).events;
    },
    /** The outcomes of the last `count` entries, once all of them have ended. */
    async outcomesOfEntries(count: number): Promise<readonly string[]> {
      return await awaitEntries(temporal.address, count);
    },
  };
}

/** See {@link startStack}. */
export type Stack = Awaited<ReturnType<typeof startStack>>;

function labConfig(
  addresses: StackAddresses,
  {
    cloud = 'prober',
    network = 'probe-net',
    seconds = PATIENT,
    more = {},
  }: Omit<Parameters<typeof startStack>[0], 'cloudsYaml'>,
): object {
  const { bucket, s3Endpoint } = addresses;
  return {
    installation: 'test',
    regions: {
      [REGION]: {
        openstack: {
          cloud,
          concurrency: 8,
          requestsPerSecond: 50,
          pollMs: 1000,
          timeouts: { requestMs: 30_000, buildMs: 180_000, deleteMs: 1_000 * (seconds.deleting ?? 60) },
        },
        select: { include: ['*'] },
        probe: {
          image: 'probe-image',
          flavor: 'probe',
          networks: [network],
          securityGroups: [],
          agentIntervalSeconds: 10,
        },
        peers: {
          bucket,
          key: PEERS_KEY,
          endpoint: s3Endpoint,
          readUrl: `${s3Endpoint}/${bucket}/${PEERS_KEY}`,
          signingKeyFile: addresses.signingKeyPath,
        },
        prometheus: {
          url: addresses.prometheusUrl,
          publish: { kind: 'file', path: addresses.targetsPath },
          ports: { node: 9100, ping: 9374 },
          timeoutSeconds: 60,
        },
        alertmanager: { urls: [addresses.alertmanagerUrl], rulesRangeSeconds: seconds.rulesRange ?? 60 },
        repair: {
          silentSeconds: seconds.silent,
          ...(seconds.building === undefined ? {} : { buildingSeconds: seconds.building }),
          ...(seconds.deleting === undefined ? {} : { deletingSeconds: seconds.deleting }),
        },
        verify: { timeoutSeconds: seconds.verify, intervalSeconds: 1 },
        schedule: { every: '1h', jitter: '0s' },
      },
    },
    artifacts: { bucket, endpoint: s3Endpoint },
    ...more,
  };
}
