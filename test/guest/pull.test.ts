import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startS3, type S3Server } from '../../lab/servers/index.ts';
import { freePorts } from '../../lab/servers/port.ts';
import { renderPeers } from '../../src/activities/published.ts';
import { renderUserData } from '../../src/activities/userData.ts';
import type { Peer } from '../../src/domain/document.ts';
import { NEW_PROBE, readUserData, userDataDeps } from '../support/userData.ts';
import { AGENT, LIB, startExporter, type Exporter } from './exporter.ts';
import { GUEST, guestEnvironment } from './support.ts';

const BUCKET = 'innervisor';
const KEY = 'peers/luxembourg.json';

let s3: S3Server;
let client: S3Client;
let dir: string;
let env: NodeJS.ProcessEnv;
let port: number;
let exporter: Exporter;
const deps = userDataDeps({ peerNetworks: ['127.0.0.0/8'], publicTargets: [] });

beforeAll(async () => {
  s3 = await startS3();
  await s3.createBucket(BUCKET, { publicReadPrefix: 'peers/' });
  const credentials = { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey };
  client = new S3Client({ endpoint: s3.endpoint, region: s3.region, credentials, forcePathStyle: true });
  dir = await mkdtemp(join(tmpdir(), 'innervisor-guest-'));
  [port = 0] = await freePorts(1);
  await writeSettings(`${s3.endpoint}/${BUCKET}/${KEY}`);
  await Promise.all(['state', 'run'].map((folder) => mkdir(join(dir, folder))));
  env = {
    ...(await guestEnvironment()),
    INNERVISOR_SETTINGS: join(dir, 'probe.json'),
    INNERVISOR_LIB: LIB,
    STATE_DIRECTORY: join(dir, 'state'),
    RUNTIME_DIRECTORY: join(dir, 'run'),
  };
  exporter = await startExporter(dir, port, env);
});

afterAll(async () => {
  await exporter.stop();
  client.destroy();
  await s3.stop();
  await rm(dir, { recursive: true, force: true });
});

/** The probe.json of the user-data, with what this machine needs in it. */
async function writeSettings(peersUrl: string): Promise<void> {
  const { files } = readUserData(renderUserData({ ...deps, peersUrl }, NEW_PROBE));
  const settings = JSON.parse(files.get('/etc/innervisor/probe.json')?.content ?? '') as object;
  const own = { ...settings, exporter_port: port, disk_file_mebibytes: 1 };
  await writeFile(join(dir, 'probe.json'), JSON.stringify(own));
}

async function publish(generation: number, peers: readonly Peer[]): Promise<void> {
  const document = { schema: 1, installation: 'prod', region: 'luxembourg', generation, peers } as const;
  const Body = renderPeers({ ...deps, installation: 'prod' } as Parameters<typeof renderPeers>[0], document);
  await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body }));
}

function aPeer(number: number, hypervisor = `cmp00${number}`): Peer {
  const address = `127.0.1.${number}`;
  return { probe_id: `0000000${number}`, server_id: 's', address, hypervisor, availability_zone: 'nova' };
}

async function pull(): Promise<string> {
  try {
    return (await promisify(execFile)(AGENT, { env })).stdout.trim();
  } catch (error) {
    if (error instanceof Error && 'stdout' in error) return String(error.stdout).trim();
    throw error;
  }
}

describe('an agent that pulls from S3 what the orchestrator signed', () => {
  let generation = 0;

  beforeEach(async () => {
    generation += 10;
    await publish(generation, [aPeer(1), aPeer(2)]);
    expect(await pull()).toBe(`updated: generation ${generation}, 2 peers`);
  });

  it('asks without a signature, and only for what has changed', async () => {
    expect(await pull()).toBe('unchanged');

    const reads = (await s3.requests()).filter(({ method, path }) => method === 'GET' && path.endsWith(KEY));
    expect(reads.at(-1)).toMatchObject({ status: 304 });
  });

  it.each([
    ['accents and other scripts', 'cömputé-узел-計算'],
    ['quotes, backslashes and control characters', 'a"b\\c\td\u0001e/f<g>&h'],
    ['what lies outside the basic plane, and line separators', '😀\u2028\u2029\ufeff'],
  ])('verifies names with %s', async (_what, hypervisor) => {
    await publish(generation + 1, [aPeer(1, hypervisor)]);

    expect(await pull()).toBe(`updated: generation ${generation + 1}, 1 peers`);
    const list = JSON.parse(await readFile(join(dir, 'state/peers.json'), 'utf8')) as { peers: Peer[] };
    expect(list.peers[0]?.hypervisor).toBe(hypervisor);
  });

  it('takes a list in which probes run elsewhere than where they belong', async () => {
    await publish(generation + 1, [aPeer(1), { ...aPeer(2), made_for: 'cmp009' }]);
    expect(await pull()).toBe(`updated: generation ${generation + 1}, 2 peers`);
  });

  it('serves the generation in force with what the exporter measures', async () => {
    expect(await exporter.metrics()).toContain(`\ninnervisor_agent_peers_generation ${generation}\n`);
    expect(await exporter.metrics()).toContain('\ninnervisor_agent_last_result{result="updated"} 1\n');
  });

  it('serves every series of docs/metrics.md and no other', async () => {
    const page = await readFile(join(GUEST, '../docs/metrics.md'), 'utf8');
    const documented = [...page.matchAll(/^\| `(innervisor_\w+)` +\| (\w+)/gm)].map(([, name, type]) => [
      name,
      type,
    ]);

    const served = [...(await exporter.metrics()).matchAll(/^# TYPE (\w+) (\w+)$/gm)];

    expect(served.map(([, name, type]) => [name, type]).toSorted()).toEqual(documented.toSorted());
  });

  it('keeps the last good list while S3 is away, says so, and goes on when it is back', async () => {
    const [closed] = await freePorts(1);
    await writeSettings(`http://127.0.0.1:${closed}/${BUCKET}/${KEY}`);
    expect(await pull()).toMatch(/^unreachable: /);
    expect(await exporter.status()).toMatchObject({ generation, peers: 2, error: null });
    expect(await exporter.metrics()).toContain('\ninnervisor_agent_last_result{result="unreachable"} 1\n');
    expect(await exporter.metrics()).toContain('\ninnervisor_agent_last_run_ok 0\n');

    await writeSettings(`${s3.endpoint}/${BUCKET}/${KEY}`);
    await publish(generation + 1, [aPeer(1)]);

    expect(await pull()).toBe(`updated: generation ${generation + 1}, 1 peers`);
    expect(await exporter.status()).toMatchObject({ generation: generation + 1, peers: 1 });
  });
});
