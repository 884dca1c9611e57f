import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { parse, stringify } from 'yaml';
import { startStack, type Stack, type StackAddresses } from '../../lab/stack/index.ts';

const BUNDLE_BYTES_MAX = 64 * 1024 * 1024;

/** For how long a probe must have been silent before it is rebooted. */
export const SILENT_SECONDS = 20;

/** How long a client waits for an answer of the cloud. */
export const REQUEST_MS = 2_000;

/** How far back the rules look: for so long something can still alert on what is gone. */
export const RULES_RANGE_SECONDS = 5;

/** Waits are as short as the configuration allows: a run is a life in fast motion. */
const TIMES = {
  openstack: {
    concurrency: 4,
    requestsPerSecond: 100,
    pollMs: 200,
    timeouts: { requestMs: REQUEST_MS, buildMs: 10_000, deleteMs: 10_000 },
  },
  verify: { timeoutSeconds: 10, intervalSeconds: 1 },
  repair: { deletingSeconds: 10, silentSeconds: SILENT_SECONDS, pauseSeconds: 1 },
  schedule: { every: '1m', jitter: '0s' },
} as const;

/** A region of a group: its name, and the `clouds.yaml` of its cloud. */
export interface Member {
  readonly name: string;
  readonly cloudsYaml: string;
}

/** Starts real servers and a worker that several regions share. */
export async function startShared(members: readonly Member[]): Promise<Stack> {
  const folder = await mkdtemp(join(tmpdir(), 'innervisor-faults-'));
  const cloudsYaml = join(folder, 'clouds.yaml');
  const clouds = members.map(({ name, cloudsYaml: text }) => {
    const all = parse(text) as { clouds: Record<string, unknown> };
    return [name, all.clouds['prober']];
  });
  const workflows = join(folder, 'workflows.js');
  await writeFile(workflows, await bundleWorkflows());
  await writeFile(cloudsYaml, stringify({ clouds: Object.fromEntries(clouds) }), { mode: 0o600 });
  try {
    const stack = await startStack({
      cloudsYaml,
      folder,
      durable: true,
      workerArgs: ['--workflows', workflows],
      scrapeInterval: '2s',
      renderConfig: (addresses) => stringify(renderConfig(members, addresses)),
    });
    const stop = async (): Promise<void> => {
      await stack.stop();
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    };
    return { ...stack, stop, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Made once, so that a worker that was killed is back soon. */
async function bundleWorkflows(): Promise<string> {
  const program = join(import.meta.dirname, '..', '..', 'worker', 'bundle.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program], { maxBuffer: BUNDLE_BYTES_MAX });
  return stdout;
}

/** Where the targets of a region lie. */
export function targetsPathOf(name: string, anyTargetsPath: string): string {
  return join(dirname(anyTargetsPath), `${name}.json`);
}

/** The object with the peers of a region. */
export function peersKeyOf(name: string): string {
  return `peers/${name}.json`;
}

function renderConfig(members: readonly Member[], addresses: StackAddresses): object {
  const { bucket, s3Endpoint } = addresses;
  const region = (name: string): object => ({
    ...TIMES,
    openstack: { ...TIMES.openstack, cloud: name },
    probe: {
      image: 'probe-image',
      flavor: 'probe',
      networks: ['probe-net'],
      agentIntervalSeconds: 10,
    },
    peers: {
      bucket,
      key: peersKeyOf(name),
      endpoint: s3Endpoint,
      readUrl: `${s3Endpoint}/${bucket}/${peersKeyOf(name)}`,
      signingKeyFile: addresses.signingKeyPath,
    },
    prometheus: {
      url: addresses.prometheusUrl,
      publish: { kind: 'file', path: targetsPathOf(name, addresses.targetsPath) },
      timeoutSeconds: 20,
    },
    alertmanager: { urls: [addresses.alertmanagerUrl], rulesRangeSeconds: RULES_RANGE_SECONDS },
  });
  return {
    installation: 'test',
    regions: Object.fromEntries(members.map(({ name }) => [name, region(name)])),
    artifacts: { bucket, endpoint: s3Endpoint },
  };
}
