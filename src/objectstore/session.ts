import type { S3Client } from '@aws-sdk/client-s3';

import { describeFailure, type Attempt } from './describe.ts';
import { ObjectStoreError } from './error.ts';

/** One bucket, with all that is needed to talk to it. */
export interface Session {
  readonly client: S3Client;
  readonly bucket: string;
  /** Host and port, for messages. */
  readonly host: string;
  readonly requestTimeoutMs: number;
}

/** What a piece of work hands to the SDK with each command. */
export interface Abort {
  readonly abortSignal: AbortSignal;
}

/**
 * Does a piece of work within the time limit and turns its failure into ours.
 * @throws ObjectStoreError, or the signal's reason when it is aborted.
 */
export async function attempt<T>(
  session: Session,
  subject: Pick<Attempt, 'purpose' | 'writes'>,
  signal: AbortSignal | undefined,
  work: (abort: Abort) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const { bucket, host, requestTimeoutMs } = session;
  const timeout = AbortSignal.timeout(requestTimeoutMs);
  const abortSignal = AbortSignal.any([timeout, ...(signal === undefined ? [] : [signal])]);
  try {
    return await work({ abortSignal });
  } catch (error) {
    signal?.throwIfAborted();
    // The SDK throws its own AbortError for whatever has aborted it.
    const cause: unknown = timeout.aborted && !(error instanceof ObjectStoreError) ? timeout.reason : error;
    throw describeFailure({ ...subject, bucket, host }, cause);
  }
}

/** The error for an answer that lacks what every S3 server gives. */
export function incompleteAnswer(session: Session, purpose: string, writes = false): ObjectStoreError {
  return new ObjectStoreError({
    code: 'malformedResponse',
    effect: writes ? 'unknown' : 'none',
    message: `cannot ${purpose} in bucket ${session.bucket} at ${session.host}: the answer is incomplete; check that the endpoint is an S3 server`,
  });
}
