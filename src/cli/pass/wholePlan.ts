import { createHash } from 'node:crypto';
import type { Config } from '../../config/index.ts';
import type { ArtifactRef, PlanLine } from '../../domain/pass.ts';
import type { Plan } from '../../domain/plan.ts';
import { describeChanges } from '../../domain/planLines.ts';
import { createObjectStore } from '../../objectstore/client.ts';
import { CliError } from '../errors.ts';

const BYTES_MAX = 64 * 1024 * 1024;
const TIMEOUT_MS = 30_000;

/**
 * All changes of a plan, from the object in S3 that the report names; reports themselves hold the first 50.
 * @throws CliError where this machine may not read the bucket of the artifacts, or the object isn't what was stored.
 */
export async function readChanges(
  { artifacts }: Config,
  { key, sha256 }: ArtifactRef,
): Promise<readonly PlanLine[]> {
  const { bucket, endpoint, region } = artifacts;
  const store = createObjectStore({ bucket, endpoint, region, requestTimeoutMs: TIMEOUT_MS });
  try {
    const stored = await store.getObject(key, { maxBytes: BYTES_MAX });
    if (stored === undefined)
      throw new CliError(`the whole plan, ${key}, is gone from bucket ${bucket}`, {
        hint: 'run the command again, which makes a new plan; artifacts.keepDays says how long one is kept',
      });
    if (createHash('sha256').update(stored.body).digest('hex') !== sha256)
      throw new CliError(`the whole plan, ${key} in bucket ${bucket}, isn't what the pass has stored`, {
        hint: 'find out who has changed it, and run the command again, which makes a new plan',
      });
    // Its hash is the one that the pass gives, so it is what our worker wrote.
    return describeChanges(JSON.parse(stored.body) as Plan);
  } catch (error) {
    if (error instanceof CliError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new CliError(`the whole plan can't be read: ${why}`, {
      hint: `--full needs credentials of S3 on this machine, from AWS_* or ~/.aws, that may read s3://${bucket}/${key}; without --full the first 50 changes are shown`,
      cause: error,
    });
  } finally {
    store.close();
  }
}
