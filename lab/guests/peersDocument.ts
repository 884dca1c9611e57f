import { createHash, verify } from 'node:crypto';
import { BlockList, isIP, isIPv6 } from 'node:net';
import { z } from 'zod';

import { PullRefused } from './pullRefused.ts';
import type { AgentSettings } from './settings.ts';

const PEERS_MAX = 10_000;

/** One entry of the peers document, as far as an agent needs it. */
export interface KnownPeer {
  readonly probeId: string;
  readonly address: string;
  readonly hypervisor: string;
  readonly availabilityZone: string | null;
}

/** A peers document that may be used. */
export interface KnownPeers {
  readonly generation: number;
  /** Of the signed bytes, in lower-case hexadecimal. */
  readonly sha256: string;
  readonly peers: readonly KnownPeer[];
}

const text = z.string().min(1).max(255);
const Peers = z
  .array(z.object({ probe_id: text, address: text, hypervisor: text, availability_zone: text.nullable() }))
  .max(PEERS_MAX);
const Signed = z.looseObject({ signature: z.base64() });
const Schema = z.looseObject({ schema: z.literal(1) });
const Origin = z.looseObject({ installation: z.unknown(), region: z.unknown() });
const Generation = z.looseObject({ generation: z.int().nonnegative() });

/**
 * Checks a document as an agent must before it pings anybody because of it: signature first, so that nothing
 * else in it is looked at unless our installation wrote it.
 *
 * @throws PullRefused with what is wrong.
 */
export function checkPeers(document: string, settings: AgentSettings): KnownPeers {
  const { signature, ...rest } = parseSigned(document);
  const bytes = Buffer.from(canonical(rest));
  if (!verify(null, bytes, settings.peersPublicKey, Buffer.from(signature, 'base64'))) {
    throw new PullRefused('bad_signature', 'the signature of the peers document is not by our key');
  }
  if (!Schema.safeParse(rest).success) {
    throw new PullRefused('wrong_schema', `the schema of the peers document is ${String(rest['schema'])}`);
  }
  const { installation, region } = Origin.parse(rest);
  if (installation !== settings.installation || region !== settings.region) {
    const where = `installation ${String(installation)}, region ${String(region)}`;
    throw new PullRefused('foreign', `the peers document is of ${where}`);
  }
  const numbered = Generation.safeParse(rest);
  if (!numbered.success) throw new PullRefused('older', 'the peers document has no generation');
  const { generation } = numbered.data;
  return {
    generation,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    peers: parsePeers(rest['peers'], settings.peerNetworks),
  };
}

function parseSigned(document: string): z.output<typeof Signed> {
  const json = parseJson(document);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new PullRefused('malformed', 'the peers document is no JSON object');
  }
  const signed = Signed.safeParse(json);
  if (signed.success) return signed.data;
  throw new PullRefused('bad_signature', 'the peers document has no signature');
}

/** One bad peer refuses the whole list, as in a probe. */
function parsePeers(value: unknown, networks: readonly string[]): readonly KnownPeer[] {
  const parsed = Peers.safeParse(value);
  if (!parsed.success) throw new PullRefused('bad_peers', `peers: ${z.prettifyError(parsed.error)}`);
  const allowed = networks.length === 0 ? null : blockListOf(networks);
  for (const { address } of parsed.data) {
    if (isIP(address) === 0)
      throw new PullRefused('bad_peers', `${JSON.stringify(address)} is no IP address`);
    if (allowed !== null && !allowed.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')) {
      throw new PullRefused('bad_peers', `${address} is in none of the peer networks`);
    }
  }
  for (const field of ['probe_id', 'address'] as const) {
    const seen = new Set(parsed.data.map((peer) => peer[field]));
    if (seen.size < parsed.data.length) throw new PullRefused('bad_peers', `a ${field} stands there twice`);
  }
  return parsed.data.map((peer) => ({
    probeId: peer.probe_id,
    address: peer.address,
    hypervisor: peer.hypervisor,
    availabilityZone: peer.availability_zone,
  }));
}

function blockListOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix] = network.split('/');
    const isSix = isIPv6(address);
    list.addSubnet(address, Number(prefix ?? (isSix ? 128 : 32)), isSix ? 'ipv6' : 'ipv4');
  }
  return list;
}

/** Compact JSON with the keys of every object sorted by code unit: what is signed. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

function parseJson(document: string): unknown {
  try {
    return JSON.parse(document);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
