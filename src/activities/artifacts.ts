import { createHash } from 'node:crypto';
import { stringify } from 'safe-stable-stringify';
import type { ArtifactRef } from '../domain/pass.ts';
import { failure } from './failures.ts';
import type { StepDeps } from './deps.ts';

const ARTIFACT_BYTES_MAX = 64 * 1024 * 1024;

/** SHA-256 in hexadecimal. */
export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** JSON with sorted keys: equal values give equal text, hash and signature. */
export function canonicalJson(value: unknown): string {
  const text = stringify(value);
  if (text === undefined) throw new TypeError('a document must be a JSON value');
  return text;
}

/**
 * Stores a document of a pass under its hash. What is stored already isn't written again, so a pass
 * that finds nothing new writes nothing, and a repeated attempt leaves the same world.
 */
export async function putArtifact(deps: StepDeps, kind: string, value: unknown): Promise<ArtifactRef> {
  const body = canonicalJson(value);
  const hash = sha256(body);
  const key = `${deps.artifactsPrefix}${deps.region}/${kind}/${hash}.json`;
  const ref = { key, sha256: hash, bytes: Buffer.byteLength(body) };
  const halfLifeMs = (deps.artifactsKeepDays * 86_400_000) / 2;
  const stored = await deps.artifacts.headObject(key);
  // An object that is in use again is written anew before retention would remove it.
  if (stored === undefined || deps.now() - stored.lastModified.getTime() > halfLifeMs) {
    await deps.artifacts.putObject(key, body, { contentType: 'application/json' });
  }
  return ref;
}

/** Reads a document back; it must be the very one that was stored. */
export async function getArtifact<T>(deps: StepDeps, ref: ArtifactRef): Promise<T> {
  const stored = await deps.artifacts.getObject(ref.key, { maxBytes: ARTIFACT_BYTES_MAX });
  if (stored === undefined) {
    throw failure('notFound', `the pass's document ${ref.key} is gone from S3; start the pass again`, {
      terminal: true,
    });
  }
  if (sha256(stored.body) !== ref.sha256) {
    throw failure(
      'malformedDocument',
      `the pass's document ${ref.key} was altered in S3; start the pass again`,
      {
        terminal: true,
      },
    );
  }
  return JSON.parse(stored.body) as T;
}
