import { HeadBucketCommand } from '@aws-sdk/client-s3';

import { ObjectStoreError } from './error.ts';
import { attempt, type Session } from './session.ts';

/**
 * Takes a failure for "there is no such object", or throws. A 404 alone doesn't say so: an answer to HEAD has no body,
 * and a proxy or a wrong endpoint answers 404 too. So the bucket itself has to be there.
 * @throws ObjectStoreError the failure itself if it is another one; `bucketMissing`, or why the bucket can't be seen.
 */
export async function ignoreAbsent(
  session: Session,
  purpose: string,
  failure: unknown,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!isNotFound(failure)) throw failure;
  const { client, bucket, host } = session;
  try {
    await attempt(session, { purpose, writes: false }, signal, (abort) =>
      client.send(new HeadBucketCommand({ Bucket: bucket }), abort),
    );
  } catch (error) {
    // Credentials that may read objects need not be allowed to ask for the bucket.
    if (error instanceof ObjectStoreError && error.code === 'forbidden') return;
    if (!isNotFound(error)) throw error;
    throw new ObjectStoreError({
      code: 'bucketMissing',
      effect: 'none',
      message: `cannot ${purpose} at ${host}: there is no bucket ${bucket}; create it, or correct its name or the endpoint`,
      status: 404,
    });
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof ObjectStoreError && error.code === 'notFound';
}
