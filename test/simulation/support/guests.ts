import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { stringify as stringifyYaml } from 'yaml';

import { createLoadModel, startGuests, type Guests, type GuestServer } from '../../../lab/guests/index.ts';
import { freePorts } from '../../../lab/servers/port.ts';
import { startS3, type S3Server } from '../../support/servers/index.ts';

const BUCKET = 'documents';
const KEY = 'peers/testland.json';
const KEYS = generateKeyPairSync('ed25519');
/** Drawn once a file, because the user-data tells the exporter's port before there are guests. */
const [NODE_PORT = 0, PING_PORT = 0] = await freePorts(2);

/** One entry of a peers document. */
export interface PeerEntry {
  readonly probe_id: string;
  readonly server_id: string;
  readonly address: string;
  readonly hypervisor: string;
  readonly availability_zone: string | null;
}

/** S3 with a peers document, and what its readers have to know. */
export interface PublishedPeers extends AsyncDisposable {
  readonly server: S3Server;
  readonly url: string;
  publish(document: object, signer?: KeyObject): Promise<void>;
  publishText(text: string): Promise<void>;
}

/** Starts S3 with an empty bucket of documents that anyone may read. */
export async function startPeers(): Promise<PublishedPeers> {
  const server = await startS3();
  await server.createBucket(BUCKET, { publicReadPrefix: 'peers/' });
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const credentials = { accessKeyId, secretAccessKey };
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  const publishText = async (text: string): Promise<void> => {
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key: KEY, Body: text }));
  };
  return {
    server,
    url: `${endpoint}/${BUCKET}/${KEY}`,
    publishText,
    publish: (document, signer = KEYS.privateKey) => publishText(signed(document, signer)),
    [Symbol.asyncDispose]: async () => {
      client.destroy();
      await server.stop();
    },
  };
}

/** A peers document with the entries of these guests' servers. */
export function aDocument(generation: number, servers: readonly GuestServer[], change: object = {}): object {
  const peers = servers.map(({ serverId, addresses, hypervisor, availabilityZone }): PeerEntry => ({
    probe_id: `probe-${serverId}`,
    server_id: serverId,
    address: addresses[0] ?? '',
    hypervisor,
    availability_zone: availabilityZone,
  }));
  return { schema: 1, installation: 'test', region: 'testland', generation, peers, ...change };
}

/** User-data that writes these settings, changed as said. */
export function userData(
  peersUrl: string,
  probeId: string,
  { settings = {}, file = {} }: { readonly settings?: object; readonly file?: object } = {},
): string {
  const content = JSON.stringify({
    installation: 'test',
    region: 'testland',
    probe_id: probeId,
    peers_url: peersUrl,
    peers_public_key: KEYS.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    availability_zone: 'az1',
    peers_max: 64,
    watchers: 20,
    peer_networks: [],
    agent_interval_seconds: 300,
    public_targets: ['192.0.2.1'],
    storage_class: 'local',
    exporter_port: PING_PORT,
    version: 'abcdef012345',
    ...settings,
  });
  const entry = { path: '/etc/innervisor/probe.json', permissions: '0644', content, ...file };
  return toBase64(`#cloud-config\n${stringifyYaml({ write_files: [entry] })}`);
}

/** Base64 of a text in UTF-8. */
export function toBase64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** Servers on loopback addresses of their own, each on a hypervisor of its own, that read this document. */
export function someServers(count: number, peersUrl: string, net = '127.77'): readonly GuestServer[] {
  return Array.from({ length: count }, (_, index) => ({
    serverId: `server-${index}`,
    name: `probe-hv${index}-${index}`,
    addresses: [`${net}.${Math.floor(index / 250)}.${(index % 250) + 1}`],
    hypervisor: `hv${index}`,
    host: `host${index}`,
    availabilityZone: index % 2 === 0 ? 'az1' : 'az2',
    userDataBase64: userData(peersUrl, `probe-server-${index}`),
  }));
}

/** Guests that boot at once and pull ten times a second, on free ports, with their own way to be scraped. */
export interface TestGuests extends AsyncDisposable {
  readonly guests: Guests;
  readonly model: ReturnType<typeof createLoadModel>;
  readonly ports: { readonly node: number; readonly ping: number };
  scrape(server: GuestServer, exporter: 'node' | 'ping'): Promise<string>;
}

/** Starts guests for a test. */
export async function startTestGuests(
  options: { readonly listen?: 'perAddress' | 'wildcard' } = {},
): Promise<TestGuests> {
  const ports = { node: NODE_PORT, ping: PING_PORT };
  const model = createLoadModel({ now: Date.now, seed: 'test' });
  const { listen = 'perAddress' } = options;
  const guests = await startGuests({ pullMs: 100, bootMs: 10, listen, model, ports });
  return {
    guests,
    model,
    ports,
    scrape: async (server, exporter) => {
      const response = await fetch(`http://${server.addresses[0]}:${ports[exporter]}/metrics`);
      return response.text();
    },
    [Symbol.asyncDispose]: () => guests.stopAll(),
  };
}

function signed(document: object, signer: KeyObject): string {
  const signature = sign(null, Buffer.from(sortedJson(document)), signer).toString('base64');
  return JSON.stringify({ signature, ...document });
}

function sortedJson(value: unknown): string {
  const sort = (_key: string, item: unknown): unknown =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : item;
  return JSON.stringify(value, sort);
}
