import { verify } from 'node:crypto';
import { isIP } from 'node:net';
import { z } from 'zod';

import type { AgentSettings } from './settings.ts';

/** Says why a peers document must not be used. */
export class PeersRefused extends Error {
  override readonly name = 'PeersRefused';
}

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
  readonly peers: readonly KnownPeer[];
}

const Peer = z.object({
  probe_id: z.string().min(1),
  address: z.string(),
  hypervisor: z.string().min(1),
  availability_zone: z.string().nullable(),
});

const Document = z.object({
  schema: z.literal(1),
  installation: z.string(),
  region: z.string(),
  generation: z.int().nonnegative(),
  peers: z.array(Peer),
});

const Signed = z.looseObject({ signature: z.base64() });

/**
 * Checks a document as an agent must before it pings anybody because of it: signature first, so that nothing
 * else in it is looked at unless our installation wrote it.
 *
 * @throws PeersRefused with what is wrong.
 */
export function checkPeers(text: string, settings: AgentSettings): KnownPeers {
  const signed = Signed.safeParse(parseJson(text));
  if (!signed.success) throw new PeersRefused('the peers document is not signed JSON');
  const { signature, ...rest } = signed.data;
  const bytes = Buffer.from(canonical(rest));
  if (!verify(null, bytes, settings.peersPublicKey, Buffer.from(signature, 'base64'))) {
    throw new PeersRefused('the signature of the peers document is not by our key');
  }
  const parsed = Document.safeParse(rest);
  if (!parsed.success) throw new PeersRefused(`the peers document: ${z.prettifyError(parsed.error)}`);
  const { installation, region, generation, peers } = parsed.data;
  if (installation !== settings.installation || region !== settings.region) {
    throw new PeersRefused(`the peers document is of installation ${installation}, region ${region}`);
  }
  const bad = peers.find(({ address }) => isIP(address) === 0);
  if (bad !== undefined) throw new PeersRefused(`${JSON.stringify(bad.address)} is no IP address`);
  return {
    generation,
    peers: peers.map((peer) => ({
      probeId: peer.probe_id,
      address: peer.address,
      hypervisor: peer.hypervisor,
      availabilityZone: peer.availability_zone,
    })),
  };
}

/** Compact JSON with the keys of every object sorted by code unit: what is signed. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
