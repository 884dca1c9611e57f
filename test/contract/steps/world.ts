import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';

import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { expect } from 'vitest';

import {
  startAlertmanager,
  startPrometheus,
  startS3,
  type AlertmanagerServer,
  type PrometheusServer,
  type S3Keys,
  type S3Server,
} from '../../../lab/servers/index.ts';
import { putArtifact } from '../../../src/activities/artifacts.ts';
import type { PassInput, RegionDeps, StepDeps } from '../../../src/activities/deps.ts';
import { createActivities, type Activities } from '../../../src/activities/index.ts';
import type { FrozenListing, ListedInventory } from '../../../src/activities/listInventory.ts';
import { createAlertmanagerClient } from '../../../src/alertmanager/client.ts';
import { createObjectStore, type ObjectStore } from '../../../src/objectstore/client.ts';
import type { ArtifactRef } from '../../../src/domain/pass.ts';
import { createFilePublisher } from '../../../src/activities/publication/file.ts';
import type { Publication } from '../../../src/activities/publication/replicas.ts';
import { createPrometheusClient, type PrometheusClient } from '../../../src/prometheus/client.ts';
import { aPolicy, matchGlobs } from '../../support/builders.ts';
import { SECRET, startCloud, type Cloud } from '../openstack/cloud.ts';
import { answerAsHealthy } from './healthyCloud.ts';

/** Whose the steps are and where they work. */
export const INSTALLATION = 'lab';
export const REGION = 'luxembourg';
export const OWNER = { installation: INSTALLATION, region: REGION };
export const INPUT: PassInput = { region: REGION, pass: 'pass-1' };
export const PEERS_KEY = 'peers/luxembourg.json';

const BEARER = 'bearer-0f-the-m0nitoring';
const { privateKey } = generateKeyPairSync('ed25519');
const TIMEOUT_MS = 10_000;
/** Failures are what the tests look for, so they aren't logged as well. */
const QUIET = new DefaultLogger('ERROR');

/** The real servers that the tests of one file share. */
export interface Servers {
  readonly s3: S3Server;
  readonly prometheus: PrometheusServer;
  readonly alertmanager: AlertmanagerServer;
  stop(): Promise<void>;
}

/** Starts them side by side. */
export async function startServers(): Promise<Servers> {
  const [s3, prometheus, alertmanager] = await Promise.all([
    startS3(),
    startPrometheus(),
    startAlertmanager(),
  ]);
  const stop = async (): Promise<void> => {
    await Promise.all([s3.stop(), prometheus.stop(), alertmanager.stop()]);
  };
  return { s3, prometheus, alertmanager, stop };
}

/** A region of one test: a bucket, a targets file and a cloud of its own. */
export interface World {
  readonly cloud: Cloud;
  readonly bucket: string;
  readonly store: ObjectStore;
  /** The file that Prometheus reads. */
  readonly targetsPath: string;
  readonly deps: RegionDeps;
  /** The steps as a worker has them, with some of the dependencies replaced, and by a clock of the test's own. */
  activities(changes?: Partial<RegionDeps>, now?: () => number): Activities;
  /** Stores a document of a pass, as an earlier step would. */
  artifact(kind: string, value: unknown): Promise<ArtifactRef>;
  storeOf(changes: { readonly bucket?: string; readonly keys?: S3Keys }): ObjectStore;
  close(): Promise<void>;
}

let worlds = 0;

/** Makes a healthy region in which nothing has been published yet. */
export async function createWorld({ s3, prometheus, alertmanager }: Servers): Promise<World> {
  const bucket = `world-${++worlds}`;
  await s3.createBucket(bucket);
  const cloud = answerAsHealthy(await startCloud());
  const stores: ObjectStore[] = [];
  const storeOf: World['storeOf'] = (changes) => {
    const store = createObjectStore({
      bucket: changes.bucket ?? bucket,
      endpoint: s3.endpoint,
      region: s3.region,
      requestTimeoutMs: TIMEOUT_MS,
      credentials: changes.keys ?? { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
    });
    stores.push(store);
    return store;
  };
  const store = storeOf({});
  const targetsPath = join(prometheus.targetsDir, `${bucket}.json`);
  const deps: RegionDeps = {
    ...SETTINGS,
    openstack: cloud.client(),
    prometheus: prometheusAt(prometheus.url),
    publication: publicationAt(prometheus.url, targetsPath),
    alertmanager: alertmanagerAt(alertmanager.url),
    peersStore: store,
    artifacts: store,
  };
  return {
    cloud,
    bucket,
    store,
    targetsPath,
    deps,
    storeOf,
    activities: (changes = {}, now = Date.now) =>
      createActivities({
        installation: INSTALLATION,
        regions: new Map([[REGION, { ...deps, ...changes }]]),
        elsewhere: new Map([['far', 'site-b']]),
        now,
      }),
    artifact: (kind, value) => putArtifact(stepDeps(deps), kind, value),
    close: async () => {
      for (const each of stores) each.close();
      await cloud.close();
    },
  };
}

/** What all regions of tests have in common. */
export const SETTINGS: Omit<
  RegionDeps,
  'openstack' | 'prometheus' | 'publication' | 'alertmanager' | 'peersStore' | 'artifacts'
> = {
  region: REGION,
  peersKey: PEERS_KEY,
  peersUrl: 'http://127.0.0.1/peers.json',
  peersCa: null,
  artifactsPrefix: 'passes/',
  artifactsKeepDays: 30,
  signingKey: privateKey,
  approvalTimeoutMs: 1_000,
  targets: { region: REGION, ports: { node: 9100 }, labels: {} },
  probe: {
    image: 'probe-image',
    flavor: 'probe-flavor',
    networks: ['probe-network'],
    securityGroups: [],
    keyName: null,
    pinning: 'requested',
    publicTargets: [],
    agentIntervalSeconds: 30,
    peersMax: 100,
    watchers: 20,
    peerNetworks: [],
    scrapeNetworks: [],
    storageClass: 'local',
    dnsName: '.',
  },
  policy: aPolicy(),
  matchGlobs,
  silence: {
    deleteSeconds: 300,
    agentIntervalSeconds: 30,
    agentJitterSeconds: 3,
    rulesRangeSeconds: 300,
  },
  wait: {
    buildMs: TIMEOUT_MS,
    deleteMs: TIMEOUT_MS,
    targetsMs: TIMEOUT_MS,
    verifyMs: TIMEOUT_MS,
    verifyPollMs: 100,
    pollMs: 50,
  },
};

/** One Prometheus that reads a file. */
export function publicationAt(url: string, path: string): Publication {
  const publisher = createFilePublisher(path, OWNER);
  const prometheus = prometheusAt(url);
  return { replicas: [{ name: new URL(url).host, prometheus, publisher }], required: 'all', reload: false };
}

/** A client with a token that must never be seen. */
export function prometheusAt(url: string): PrometheusClient {
  return createPrometheusClient({
    url,
    auth: { kind: 'bearer', token: BEARER },
    requestTimeoutMs: TIMEOUT_MS,
  });
}

/** What a step is given for a region, outside of any attempt. */
export function stepDeps(region: RegionDeps): StepDeps {
  return {
    ...region,
    installation: INSTALLATION,
    now: Date.now,
    passedMs: (sinceMs) => Date.now() - sinceMs,
    tell: () => undefined,
    isLastAttempt: false,
    isFirstAttempt: true,
    lost: () => new AbortController().signal,
  };
}

/** A client with a token that must never be seen. */
export function alertmanagerAt(url: string): RegionDeps['alertmanager'] {
  return createAlertmanagerClient({
    urls: [url],
    auth: { kind: 'bearer', token: BEARER },
    requestTimeoutMs: TIMEOUT_MS,
  });
}

/** A listing of a region that isn't frozen. */
export function whole(listed: ListedInventory | FrozenListing): ListedInventory {
  if (listed.inventory === undefined) throw new Error('the region is frozen');
  return listed;
}

const ATTEMPTS_MAX = 3;

/** The first attempt of three, each of which may take two minutes. */
const FIRST_ATTEMPT = {
  attempt: 1,
  retryPolicy: { maximumAttempts: ATTEMPTS_MAX },
  startToCloseTimeoutMs: 120_000,
  scheduleToCloseTimeoutMs: 600_000,
};

/** Runs a step as a worker would; the first attempt, unless told otherwise. */
export async function run<Input, Result>(
  step: (input: Input) => Promise<Result>,
  input: Input,
  changes: Partial<Info> = {},
): Promise<Result> {
  const nowMs = Date.now();
  const scheduled = { scheduledTimestampMs: nowMs, currentAttemptScheduledTimestampMs: nowMs };
  const info = { ...FIRST_ATTEMPT, ...scheduled, ...changes };
  return await new MockActivityEnvironment(info, { logger: QUIET }).run(step, input);
}

/** Runs a step that has failed in all its attempts before the last one. */
export async function runLast<Input, Result>(
  step: (input: Input) => Promise<Result>,
  input: Input,
): Promise<Result> {
  return await run(step, input, { attempt: ATTEMPTS_MAX });
}

/** The failure that a step ends with; it holds none of the secrets. */
export async function failureOf(
  attempt: Promise<unknown>,
  secrets: readonly string[],
): Promise<ApplicationFailure> {
  const error: unknown = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApplicationFailure);
  const shown = `${String(error)}\n${JSON.stringify(error)}\n${inspect(error, { depth: null })}`;
  for (const secret of [SECRET, BEARER, 'gAAAAAB', ...secrets]) expect(shown).not.toContain(secret);
  return error as ApplicationFailure;
}

/** All that a pass may change, as it is now. */
export async function snapshot(
  { store, targetsPath, cloud }: World,
  { alertmanager }: Servers,
): Promise<object> {
  return {
    objects: (await store.listObjects('', { max: 1_000 })).map(({ key }) => key),
    peers: (await store.getObject(PEERS_KEY, { maxBytes: 1_000_000 }))?.body,
    targets: await readFile(targetsPath, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
      throw error;
    }),
    silences: await alertmanagerAt(alertmanager.url).listSilences(),
    cloudWrites: cloud.requests.filter(({ method, path }) => method !== 'GET' && path !== '/v3/auth/tokens'),
  };
}
