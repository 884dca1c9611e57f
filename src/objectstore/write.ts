import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';

import { ignoreAbsent } from './absent.ts';
import { ObjectStoreError } from './error.ts';
import { attempt, incompleteAnswer, type Session } from './session.ts';

/** How an object is written: with `ifMatch` only over that version, with `ifNoneMatch` only where none is. */
export interface PutOptions {
  readonly contentType: string;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: '*' | undefined;
}

/** See `ObjectStore.putObject`. */
export async function putObject(
  session: Session,
  key: string,
  body: string,
  options: PutOptions,
  signal?: AbortSignal,
): Promise<{ readonly etag: string }> {
  const { contentType, ifMatch, ifNoneMatch } = options;
  const purpose = `put ${key}`;
  const command = new PutObjectCommand({
    Bucket: session.bucket,
    Key: key,
    Body: body,
    ContentType: contentType,
    ...(ifMatch === undefined ? {} : { IfMatch: ifMatch }),
    ...(ifNoneMatch === undefined ? {} : { IfNoneMatch: ifNoneMatch }),
  });
  try {
    return await attempt(session, { purpose, writes: true }, signal, async (abort) => {
      const { ETag: etag } = await session.client.send(command, abort);
      if (etag === undefined) throw incompleteAnswer(session, purpose, true);
      return { etag };
    });
  } catch (error) {
    // To a condition on a version of an object that is gone, S3 answers 404 instead of 412:
    // https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
    if (ifMatch === undefined || !(error instanceof ObjectStoreError) || error.code !== 'notFound')
      throw error;
    const { effect, message, status, requestId } = error;
    throw new ObjectStoreError({ code: 'preconditionFailed', effect, message, status, requestId });
  }
}

/** See `ObjectStore.deleteObject`. */
export async function deleteObject(session: Session, key: string, signal?: AbortSignal): Promise<void> {
  const { client, bucket } = session;
  const purpose = `delete ${key}`;
  try {
    await attempt(session, { purpose, writes: true }, signal, (abort) =>
      client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }), abort),
    );
  } catch (error) {
    await ignoreAbsent(session, purpose, error, signal);
  }
}
