import { createPublicKey, sign, verify } from 'node:crypto';
import { z } from 'zod';
import type { PeersDocument } from '../domain/document.ts';
import { canonicalJson } from './artifacts.ts';
import type { StepDeps } from './deps.ts';
import { failure } from './failures.ts';
import { parseJson } from './parseJson.ts';

const PEERS_BYTES_MAX = 16 * 1024 * 1024;

const Peer = z.object({
  probe_id: z.string(),
  server_id: z.string(),
  address: z.string(),
  hypervisor: z.string(),
  made_for: z.string().exactOptional(),
  availability_zone: z.string().nullable(),
});

const SignedPeers = z.object({
  schema: z.literal(1),
  installation: z.string(),
  region: z.string(),
  generation: z.number().int().nonnegative(),
  peers: z.array(Peer),
  signature: z.string(),
});

/** What the region's peers document holds now. */
export interface StoredPeers {
  readonly document: PeersDocument;
  readonly etag: string;
  readonly publishedMs: number;
  /** Whether our present key signed it; after a change of keys it must be written anew. */
  readonly signedByUs: boolean;
}

/**
 * Reads the peers document that is in force.
 * @throws failure `claimedByAnother` when another installation published it, `malformedDocument` when it
 * is none of ours; both terminal, and nothing is changed.
 */
export async function readPeers(deps: StepDeps): Promise<StoredPeers | undefined> {
  const stored = await deps.peersStore.getObject(deps.peersKey, { maxBytes: PEERS_BYTES_MAX });
  if (stored === undefined) return undefined;
  const parsed = SignedPeers.safeParse(parseJson(stored.body));
  if (!parsed.success) {
    const message = `${deps.peersKey} in S3 is no peers document; look at what it is, then move it away`;
    throw failure('malformedDocument', message, { terminal: true });
  }
  const { signature, ...document } = parsed.data;
  if (document.installation !== deps.installation || document.region !== deps.region) {
    const message =
      `${deps.peersKey} in S3 belongs to installation ${JSON.stringify(document.installation)}, region ${JSON.stringify(document.region)}; ` +
      `this one is ${deps.installation}, ${deps.region}: two may not share a document, so give this one a key of its own ` +
      `(regions.${deps.region}.peers.key) or move the document away if the other installation is gone`;
    throw failure('claimedByAnother', message, { terminal: true });
  }
  const bytes = Buffer.from(canonicalJson(document));
  const signedByUs = verify(null, bytes, createPublicKey(deps.signingKey), Buffer.from(signature, 'base64'));
  return { document, etag: stored.etag, publishedMs: stored.lastModified.getTime(), signedByUs };
}

/** The document as it is stored: sorted keys, one line, with an Ed25519 signature over all the rest of it. */
export function renderPeers(deps: StepDeps, document: PeersDocument): string {
  const signature = sign(null, Buffer.from(canonicalJson(document)), deps.signingKey).toString('base64');
  return `${canonicalJson({ ...document, signature })}\n`;
}
