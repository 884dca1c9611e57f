import picomatch from 'picomatch';
import { createAlertmanagerClient } from '../src/alertmanager/client.ts';
import type { RegionDeps } from '../src/activities/deps.ts';
import { readExpected } from '../src/activities/expected.ts';
import { loadCloud } from '../src/config/clouds.ts';
import type { Config, RegionConfig } from '../src/config/index.ts';
import { loadHttpAccess } from '../src/config/httpAccess.ts';
import { loadPem, loadSigningKey } from '../src/config/secrets.ts';
import { createObjectStore } from '../src/objectstore/client.ts';
import { createOpenStackClient } from '../src/openstack/client.ts';
import { askFirstAnswering } from '../src/prometheus/firstAnswering.ts';
import type { ApiRequest } from '../src/telemetry/metrics.ts';
import type { ReadExpected } from './expectedProbes.ts';
import { createPublication } from './publication.ts';
import { tellRequestsOf } from './requests.ts';

/** Agents draw a random delay of up to this share of their interval before they pull. */
const AGENT_JITTER_SHARE = 0.1;
/** Of one list of the hypervisors that should carry a probe. */
const READ_TIMEOUT_MS = 30_000;

/** Makes the clients and settings of every region of the configuration; `tell` is told of every request of theirs. */
export async function createRegions(
  config: Config,
  tell: (request: ApiRequest) => void,
): Promise<ReadonlyMap<string, RegionDeps>> {
  const entries = Object.entries(config.regions).map(
    async ([name, region]) => [name, await createRegion(name, region, config, tell)] as const,
  );
  return new Map(await Promise.all(entries));
}

/** Reads what the passes of each region have stored of the hypervisors that should carry a probe. */
export function readersOf(
  regions: ReadonlyMap<string, RegionDeps>,
  installation: string,
): ReadonlyMap<string, ReadExpected> {
  return new Map(
    [...regions].map(([region, { artifacts }]) => [
      region,
      (ref) => readExpected(artifacts, { installation, region }, ref, AbortSignal.timeout(READ_TIMEOUT_MS)),
    ]),
  );
}

async function createRegion(
  name: string,
  region: RegionConfig,
  config: Config,
  tell: (request: ApiRequest) => void,
): Promise<RegionDeps> {
  const { artifacts } = config;
  const told = tellRequestsOf(name, tell);
  const key = (rest: string): string => `regions.${name}.${rest}`;
  const { openstack, probe, peers, prometheus, alertmanager, select, repair } = region;
  const requestTimeoutMs = openstack.timeouts.requestMs;
  const cloud = await loadCloud(openstack.cloud);
  const peersStore = createObjectStore({
    bucket: peers.bucket,
    endpoint: peers.endpoint,
    region: peers.region,
    requestTimeoutMs,
    onRequest: told.s3,
  });
  const owner = { installation: config.installation, region: name };
  const publication = await createPublication(region, {
    owner,
    store: peersStore,
    key: key('prometheus'),
    onRequest: told.prometheus,
  });
  return {
    region: name,
    openstack: createOpenStackClient({
      credentials: cloud.credentials,
      regionName: openstack.regionName ?? cloud.regionName,
      interface: openstack.interface ?? cloud.interface ?? 'public',
      concurrency: openstack.concurrency,
      requestsPerSecond: openstack.requestsPerSecond,
      requestTimeoutMs,
      ca:
        openstack.caFile === undefined ? cloud.ca : await loadPem(openstack.caFile, key('openstack.caFile')),
      onRequest: told.openstack,
    }),
    prometheus: askFirstAnswering(publication.replicas.map(({ prometheus: client }) => client)),
    publication,
    alertmanager: createAlertmanagerClient({
      urls: alertmanager.urls,
      requestTimeoutMs,
      onRequest: told.alertmanager,
      ...(await loadHttpAccess(alertmanager, key('alertmanager'))),
    }),
    peersStore,
    artifacts: createObjectStore({
      bucket: artifacts.bucket,
      endpoint: artifacts.endpoint,
      region: artifacts.region,
      requestTimeoutMs,
      onRequest: told.s3,
    }),
    peersKey: peers.key,
    peersUrl: peers.readUrl,
    peersCa: peers.readCaFile === undefined ? null : await loadPem(peers.readCaFile, key('peers.readCaFile')),
    artifactsPrefix: artifacts.prefix,
    artifactsKeepDays: artifacts.keepDays,
    signingKey: await loadSigningKey(peers.signingKeyFile, key('peers.signingKeyFile')),
    targets: { region: name, ports: prometheus.ports, labels: prometheus.labels },
    probe,
    policy: {
      select,
      replace: probe.replace,
      deletesMax: region.limits.deletesMax,
      replaceBatch: region.limits.replaceBatch,
      pauseMs: repair.pauseSeconds === undefined ? region.schedule.everyMs : repair.pauseSeconds * 1000,
      buildMs:
        repair.buildingSeconds === undefined ? openstack.timeouts.buildMs : repair.buildingSeconds * 1000,
      deletingMs: repair.deletingSeconds * 1000,
      silentMs: repair.silentSeconds * 1000,
      bootMs: Math.max(repair.silentSeconds, region.verify.timeoutSeconds) * 1000,
    },
    matchGlobs: (hostname, globs) => picomatch.isMatch(hostname, [...globs]),
    silence: {
      deleteSeconds: openstack.timeouts.deleteMs / 1000,
      agentIntervalSeconds: probe.agentIntervalSeconds,
      agentJitterSeconds: probe.agentIntervalSeconds * AGENT_JITTER_SHARE,
      rulesRangeSeconds: alertmanager.rulesRangeSeconds,
    },
    wait: {
      buildMs: openstack.timeouts.buildMs,
      deleteMs: openstack.timeouts.deleteMs,
      targetsMs: prometheus.timeoutSeconds * 1000,
      verifyMs: region.verify.timeoutSeconds * 1000,
      verifyPollMs: region.verify.intervalSeconds * 1000,
      pollMs: openstack.pollMs,
    },
    approvalTimeoutMs: region.limits.approvalTimeoutMinutes * 60_000,
  };
}
