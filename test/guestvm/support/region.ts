import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyObject } from 'node:crypto';

import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';

import { bootGuest, OUTSIDE, type BootedGuest } from '../../../lab/guestvm/index.ts';
import {
  startPrometheus,
  startS3,
  type PrometheusServer,
  type S3Server,
} from '../../../lab/servers/index.ts';
import { freePorts } from '../../../lab/servers/port.ts';
import { renderPeers } from '../../../src/activities/published.ts';
import { renderUserData } from '../../../src/activities/userData.ts';
import type { Peer } from '../../../src/domain/document.ts';
import type { NewProbe } from '../../../src/domain/probe.ts';
import { createPrometheusClient, type PrometheusClient } from '../../../src/prometheus/client.ts';
import { NEW_PROBE, userDataDeps } from '../../support/userData.ts';

const BUCKET = 'innervisor';
const KEY = 'peers/luxembourg.json';
const QUERY_TIMEOUT_MS = 5_000;
const PORTS = { node: 9100, ping: 9374, ssh: 22 } as const;

export const AGENT_INTERVAL_SECONDS = 30;
/** An emulated node_exporter needs about a second to answer. */
const SCRAPE_INTERVAL = '5s';
/** The network between the probes; Prometheus isn't in it. */
const MESH = {
  network: '10.99.0.0/24',
  netmask: '255.255.255.0',
  addresses: ['10.99.0.1', '10.99.0.2'],
} as const;
/** An address of that network which nobody has. */
export const NOBODY = '10.99.0.9';

/** A probe as the orchestrator would have made it, and where it runs. */
export interface BootedProbe {
  readonly probe: NewProbe;
  readonly peer: Peer;
  readonly guest: BootedGuest;
  /** What one of its exporters serves now. */
  scrape(exporter: 'node' | 'ping'): Promise<string>;
}

/** Two booted probes with the real servers that they and we ask. */
export interface BootedRegion extends AsyncDisposable {
  readonly probes: readonly [BootedProbe, BootedProbe];
  readonly s3: S3Server;
  readonly prometheus: PrometheusClient;
  /** Uploads a list of peers as the orchestrator renders it, signed by its key or by another. */
  publish(generation: number, peers: readonly Peer[], signingKey?: KeyObject): Promise<void>;
}

/**
 * Boots two probes: the first with fixed addresses and a key pair, the second with DHCP and without. A cable
 * connects them; to the rest of the world this machine's loopback is 10.0.2.2.
 */
export async function bootRegion(image: string, publicKey: string): Promise<BootedRegion> {
  await using starting = new AsyncDisposableStack();
  const s3 = starting.use(await startS3());
  await s3.createBucket(BUCKET, { publicReadPrefix: 'peers/' });
  const server = starting.use(await startPrometheus({ scrapeInterval: SCRAPE_INTERVAL }));
  starting.use(await startNameServer());
  const deps = {
    ...userDataDeps({
      peerNetworks: [MESH.network],
      scrapeNetworks: ['10.0.2.0/24'],
      publicTargets: [OUTSIDE.gateway],
      agentIntervalSeconds: AGENT_INTERVAL_SECONDS,
    }),
    peersUrl: `http://${OUTSIDE.gateway}:${new URL(s3.endpoint).port}/${BUCKET}/${KEY}`,
    silence: {
      deleteSeconds: 180,
      agentIntervalSeconds: AGENT_INTERVAL_SECONDS,
      agentJitterSeconds: 2,
      rulesRangeSeconds: 900,
    },
  };
  const client = new S3Client({
    endpoint: s3.endpoint,
    region: s3.region,
    credentials: { accessKeyId: s3.accessKeyId, secretAccessKey: s3.secretAccessKey },
    forcePathStyle: true,
  });
  starting.defer(() => client.destroy());
  const publish: BootedRegion['publish'] = async (generation, peers, signingKey = deps.signingKey) => {
    const document = {
      schema: 1,
      installation: deps.installation,
      region: deps.region,
      generation,
      peers,
    } as const;
    const Body = renderPeers({ ...deps, signingKey } as Parameters<typeof renderPeers>[0], document);
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body }));
  };

  const ends = await freePorts(2);
  const boot = async (index: 0 | 1): Promise<BootedProbe> => {
    const probe = aProbe(index);
    const guest = await bootGuest({
      image,
      server: {
        name: probe.name,
        uuid: `00000000-0000-4000-8000-00000000000${index}`,
        userData: renderUserData(deps, probe),
        ...(index === 0 ? { publicKey } : {}),
      },
      outside: index === 0 ? { nameServers: [OUTSIDE.gateway] } : 'dhcp',
      cable: {
        port: {
          macAddress: `52:54:00:99:00:0${index + 1}`,
          fixed: { address: MESH.addresses[index], netmask: MESH.netmask },
        },
        here: ends[index] ?? 0,
        there: ends[1 - index] ?? 0,
      },
      ports: Object.values(PORTS),
    });
    return {
      probe,
      guest,
      peer: peerOf(probe, MESH.addresses[index]),
      scrape: async (exporter) => {
        const answer = await fetch(`http://127.0.0.1:${guest.portTo(PORTS[exporter])}/metrics`);
        if (!answer.ok) throw new Error(`${exporter} of ${probe.name}: HTTP ${answer.status}`);
        return answer.text();
      },
    };
  };
  const probes = [starting.adopt(await boot(0), stop), starting.adopt(await boot(1), stop)] as const;
  await publishTargets(server, probes);
  const prometheus = createPrometheusClient({
    url: server.url,
    auth: { kind: 'none' },
    requestTimeoutMs: QUERY_TIMEOUT_MS,
  });
  const started = starting.move();
  return { probes, s3, prometheus, publish, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** A peer at an address of the probes' network. */
export function aPeer(number: number, address: string): Peer {
  return peerOf(aProbe(number), address);
}

async function stop({ guest }: BootedProbe): Promise<void> {
  await guest.stop();
}

function aProbe(index: number): NewProbe {
  const probeId = `0a1b2c3${index}`;
  const serviceHost = `cmp00${index + 1}`;
  const hypervisor = `${serviceHost}.lab.example`;
  return { ...NEW_PROBE, probeId, name: `probe-${serviceHost}-${probeId}`, hypervisor, serviceHost };
}

function peerOf({ probeId, hypervisor, availabilityZone }: NewProbe, address: string): Peer {
  return { probe_id: probeId, server_id: 's', address, hypervisor, availability_zone: availabilityZone };
}

async function publishTargets(server: PrometheusServer, probes: readonly BootedProbe[]): Promise<void> {
  const groups = probes.flatMap(({ probe, guest }) =>
    (['node', 'ping'] as const).map((exporter) => ({
      targets: [`127.0.0.1:${guest.portTo(PORTS[exporter])}`],
      labels: { region: 'luxembourg', hypervisor: probe.hypervisor, probe_id: probe.probeId, exporter },
    })),
  );
  await writeFile(`${server.targetsPath}.new`, JSON.stringify(groups));
  await rename(`${server.targetsPath}.new`, server.targetsPath);
}

/** Answers every question with "no such name", which is an answer too; in a namespace of ours the port is free. */
async function startNameServer(): Promise<AsyncDisposable> {
  const socket = createSocket('udp4');
  socket.on('message', (question, { port, address }) => {
    const answer = Buffer.from(question);
    answer.writeUInt16BE(0x8183, 2);
    socket.send(answer, port, address);
  });
  socket.bind(53, '127.0.0.1');
  await once(socket, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** The image that the runner has built or found. */
export async function findImage(): Promise<string> {
  const folder = process.env['INNERVISOR_GUEST_IMAGE'];
  if (folder === undefined) throw new Error('no image: start these tests with npm run test:guest');
  const [, name = ''] = (await readFile(join(folder, 'innervisor-probe.sha256'), 'utf8')).trim().split(/ +/);
  return join(folder, name);
}
