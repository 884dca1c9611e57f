import { GetObjectCommand, HeadObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { addAbortSignal, Readable } from 'node:stream';

import { ignoreAbsent } from './absent.ts';
import { readBody, tooLarge } from './body.ts';
import { attempt, incompleteAnswer, type Session } from './session.ts';

/** An object without its body. `etag` is opaque and comes with its quotes. */
export interface ObjectHead {
  readonly etag: string;
  readonly size: number;
  readonly lastModified: Date;
}

/** An object with its body as text. */
export interface StoredObject {
  readonly body: string;
  readonly etag: string;
  readonly lastModified: Date;
}

/** An object in a listing. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly lastModified: Date;
}

/** The most objects that S3 lists in one answer. */
const PAGE_OBJECTS_MAX = 1_000;

/** See `ObjectStore.getObject`. */
export async function getObject(
  session: Session,
  key: string,
  { maxBytes }: { readonly maxBytes: number },
  signal?: AbortSignal,
): Promise<StoredObject | undefined> {
  const { client, bucket, host } = session;
  const purpose = `get ${key}`;
  const limit = { maxBytes, subject: `${key} in bucket ${bucket} at ${host}` };
  try {
    return await attempt(session, { purpose, writes: false }, signal, async (abort) => {
      const output = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }), abort);
      const { Body: body, ETag: etag, LastModified: lastModified, ContentLength: size } = output;
      if (!(body instanceof Readable)) throw incompleteAnswer(session, purpose);
      addAbortSignal(abort.abortSignal, body);
      if (etag === undefined || lastModified === undefined || (size ?? 0) > maxBytes) {
        body.destroy();
        throw (size ?? 0) > maxBytes ? tooLarge(limit) : incompleteAnswer(session, purpose);
      }
      return { body: await readBody(body, limit), etag, lastModified };
    });
  } catch (error) {
    await ignoreAbsent(session, purpose, error, signal);
    return undefined;
  }
}

/** See `ObjectStore.headObject`. */
export async function headObject(
  session: Session,
  key: string,
  signal?: AbortSignal,
): Promise<ObjectHead | undefined> {
  const { client, bucket } = session;
  const purpose = `look up ${key}`;
  try {
    return await attempt(session, { purpose, writes: false }, signal, async (abort) => {
      const output = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }), abort);
      const { ETag: etag, ContentLength: size, LastModified: lastModified } = output;
      if (etag === undefined || size === undefined || lastModified === undefined) {
        throw incompleteAnswer(session, purpose);
      }
      return { etag, size, lastModified };
    });
  } catch (error) {
    await ignoreAbsent(session, purpose, error, signal);
    return undefined;
  }
}

/** See `ObjectStore.listObjects`. */
export async function listObjects(
  session: Session,
  prefix: string,
  { max }: { readonly max: number },
  signal?: AbortSignal,
): Promise<readonly ListedObject[]> {
  const listed: ListedObject[] = [];
  let token: string | undefined;
  do {
    const page = await listPage(
      session,
      prefix,
      Math.min(PAGE_OBJECTS_MAX, max - listed.length),
      token,
      signal,
    );
    listed.push(...page.objects);
    token = page.token;
  } while (token !== undefined && listed.length < max);
  return listed.slice(0, max);
}

interface Page {
  readonly objects: readonly ListedObject[];
  readonly token: string | undefined;
}

async function listPage(
  session: Session,
  prefix: string,
  max: number,
  token: string | undefined,
  signal: AbortSignal | undefined,
): Promise<Page> {
  const purpose = `list ${prefix}*`;
  return attempt(session, { purpose, writes: false }, signal, async (abort) => {
    const output = await session.client.send(
      new ListObjectsV2Command({
        Bucket: session.bucket,
        Prefix: prefix,
        MaxKeys: max,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
      abort,
    );
    const objects = (output.Contents ?? []).map(({ Key: key, Size: size, LastModified: lastModified }) => {
      if (key === undefined || size === undefined || lastModified === undefined) {
        throw incompleteAnswer(session, purpose);
      }
      return { key, size, lastModified };
    });
    // A page that is empty and not the last one would be asked for without end.
    if (output.IsTruncated === true && (objects.length === 0 || output.NextContinuationToken === undefined)) {
      throw incompleteAnswer(session, purpose);
    }
    return { objects, token: output.IsTruncated === true ? output.NextContinuationToken : undefined };
  });
}
