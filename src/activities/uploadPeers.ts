import type { Peer, PeersDocument } from '../domain/document.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import { ObjectStoreError } from '../objectstore/error.ts';
import { canonicalJson, getArtifact } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { readPeers, renderPeers } from './published.ts';

/** The peers document that is in force after the step. */
export interface UploadedPeers {
  readonly generation: number;
  readonly etag: string;
  readonly written: boolean;
  /** When the generation was published, in ms since 1970; agents have two intervals to pull it. */
  readonly publishedMs: number;
}

/**
 * Step 8: publishes the peers by a conditional write, so that of two installations that claim a region
 * the second one is stopped. Isn't written when nothing changed; the generation only grows.
 */
export async function uploadPeers(
  deps: StepDeps,
  input: PassInput & { readonly peers: ArtifactRef },
): Promise<UploadedPeers> {
  const peers = await getArtifact<readonly Peer[]>(deps, input.peers);
  const stored = await readPeers(deps);
  if (stored?.signedByUs === true && canonicalJson(stored.document.peers) === canonicalJson(peers)) {
    return {
      generation: stored.document.generation,
      etag: stored.etag,
      written: false,
      publishedMs: stored.publishedMs,
    };
  }
  const generation = stored === undefined ? firstGeneration(deps.now()) : stored.document.generation + 1;
  const { installation, region } = deps;
  const document = { schema: 1, installation, region, generation, peers } as const;
  return await writePeers(deps, document, stored?.etag);
}

async function writePeers(
  deps: StepDeps,
  document: PeersDocument,
  replaced: string | undefined,
): Promise<UploadedPeers> {
  const { generation } = document;
  const condition = replaced === undefined ? ({ ifNoneMatch: '*' } as const) : { ifMatch: replaced };
  try {
    const { etag } = await deps.peersStore.putObject(deps.peersKey, renderPeers(deps, document), {
      contentType: 'application/json',
      ...condition,
    });
    return { generation, etag, written: true, publishedMs: deps.now() };
  } catch (error) {
    if (!(error instanceof ObjectStoreError) || error.code !== 'preconditionFailed') throw error;
    // A proxy repeats a write whose answer it lost, and what stands in the way of that one is our own document.
    const found = await readPeers(deps);
    if (found?.signedByUs !== true || canonicalJson(found.document) !== canonicalJson(document)) throw error;
    return { generation, etag: found.etag, written: true, publishedMs: found.publishedMs };
  }
}

/**
 * Agents refuse a list that is older than theirs. A bucket that was lost and made anew must not begin below what
 * they have seen, and generations never grow faster than the seconds since 1970.
 */
function firstGeneration(nowMs: number): number {
  return Math.floor(nowMs / 1000);
}
