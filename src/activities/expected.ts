import { z } from 'zod';
import { computeExpected, type ExpectedDocument, type ExpectedProbe } from '../domain/expected.ts';
import type { Hypervisor } from '../domain/hypervisor.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import type { Selection } from '../domain/selection.ts';
import type { TargetOwner } from '../domain/target.ts';
import type { ObjectStore } from '../objectstore/client.ts';
import { putArtifact, sha256 } from './artifacts.ts';
import type { StepDeps } from './deps.ts';
import { failure } from './failures.ts';
import { parseJson } from './parseJson.ts';

/** 100,000 hypervisors with long names. */
const EXPECTED_BYTES_MAX = 16 * 1024 * 1024;
const NAME_LENGTH_MAX = 255;

const Name = z.string().max(NAME_LENGTH_MAX);
const Expected = z.object({
  schema: z.literal(1),
  installation: z.string(),
  region: z.string(),
  expected: z.array(z.object({ hypervisor: Name.min(1), availability_zone: Name.nullable() })),
});

/** Stores which hypervisors should carry a probe; one document as long as they stay the same. */
export async function storeExpected(
  deps: StepDeps,
  hypervisors: readonly Hypervisor[],
  selection: Selection,
): Promise<ArtifactRef> {
  const { installation, region } = deps;
  const expected = computeExpected(hypervisors, selection);
  return await putArtifact(deps, 'expected', {
    schema: 1,
    installation,
    region,
    expected,
  } satisfies ExpectedDocument);
}

/**
 * Reads the very document that a pass of this region stored.
 * @throws ObjectStoreError, or a failure for one that is gone, was altered, or is another region's.
 */
export async function readExpected(
  store: ObjectStore,
  owner: TargetOwner,
  ref: ArtifactRef,
  signal: AbortSignal,
): Promise<readonly ExpectedProbe[]> {
  const stored = await store.getObject(ref.key, { maxBytes: EXPECTED_BYTES_MAX }, signal);
  if (stored === undefined) {
    const message = `${ref.key} is gone from S3; the next pass stores it again: innervisor reconcile ${owner.region}`;
    throw failure('notFound', message, { terminal: true });
  }
  const parsed = Expected.safeParse(parseJson(stored.body));
  const isOurs =
    sha256(stored.body) === ref.sha256 &&
    parsed.success &&
    parsed.data.installation === owner.installation &&
    parsed.data.region === owner.region;
  if (isOurs) return parsed.data.expected;
  const message =
    `${ref.key} in S3 is not what the pass stored: somebody altered it; ` +
    `remove it and run a pass, which stores it again: innervisor reconcile ${owner.region}`;
  throw failure('malformedDocument', message, { terminal: true });
}
