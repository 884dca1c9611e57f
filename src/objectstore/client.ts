import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

import { ObjectStoreError } from './error.ts';
import {
  getObject,
  headObject,
  listObjects,
  type ListedObject,
  type ObjectHead,
  type StoredObject,
} from './read.ts';
import type { Session } from './session.ts';
import { tellRequests, type ObjectStoreRequestRecord } from './record.ts';
import { deleteObject, putObject, type PutOptions } from './write.ts';

export type { ListedObject, ObjectHead, StoredObject } from './read.ts';
export type { ObjectStoreRequestRecord } from './record.ts';
export type { PutOptions } from './write.ts';

/** The longest wait for a connection, in milliseconds. */
const CONNECT_TIMEOUT_MS_MAX = 5_000;

/** Where the bucket is. Credentials come from the AWS SDK's own chain unless given. */
export interface ObjectStoreOptions {
  readonly bucket: string;
  /** Base URL of an S3 server other than Amazon's. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  /** Bucket in the path instead of the host name; `true` by default if there is an endpoint. */
  readonly forcePathStyle?: boolean | undefined;
  /** For a whole request with its body, in milliseconds. */
  readonly requestTimeoutMs: number;
  readonly credentials?: S3ClientConfig['credentials'];
  /** Told of every request at its end; what it is told holds no secret. It must not throw. */
  readonly onRequest?: ((request: ObjectStoreRequestRecord) => void) | undefined;
}

/**
 * One bucket of an S3 server. Requests aren't repeated. Every function throws {@link ObjectStoreError}, or the reason
 * of the signal when that is aborted.
 */
export interface ObjectStore {
  /** The object, or `undefined` if there is none. `tooLarge` beyond `maxBytes`. */
  getObject(
    key: string,
    limits: { readonly maxBytes: number },
    signal?: AbortSignal,
  ): Promise<StoredObject | undefined>;
  /** What is known of the object, or `undefined` if there is none. */
  headObject(key: string, signal?: AbortSignal): Promise<ObjectHead | undefined>;
  /** Replaces the object whole. `preconditionFailed`, with nothing written, if the condition doesn't hold. */
  putObject(
    key: string,
    body: string,
    options: PutOptions,
    signal?: AbortSignal,
  ): Promise<{ readonly etag: string }>;
  /** The first `max` objects under the prefix in the order of their keys; as many as `max` means there may be more. */
  listObjects(
    prefix: string,
    limits: { readonly max: number },
    signal?: AbortSignal,
  ): Promise<readonly ListedObject[]>;
  /** Removes the object; an absent one is a success. */
  deleteObject(key: string, signal?: AbortSignal): Promise<void>;
  /** Lets go of idle connections. */
  close(): void;
}

/**
 * Makes a client; nothing is sent yet.
 * @throws ObjectStoreError `badRequest` for an endpoint that is no URL.
 */
export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const { bucket, region, requestTimeoutMs } = options;
  const endpoint = options.endpoint === undefined ? undefined : parseEndpoint(options.endpoint);
  const client = new S3Client({
    region,
    maxAttempts: 1,
    requestHandler: { connectionTimeout: Math.min(CONNECT_TIMEOUT_MS_MAX, requestTimeoutMs) },
    // Not every server knows the newer checksums: ask for none that isn't needed.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === undefined ? {} : { endpoint: `${endpoint.origin}${endpoint.pathname}` }),
    forcePathStyle: options.forcePathStyle ?? endpoint !== undefined,
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  });
  if (options.onRequest !== undefined) tellRequests(client, options.onRequest);
  const host = endpoint?.host ?? `s3.${region}.amazonaws.com`;
  const session: Session = { client, bucket, host, requestTimeoutMs };
  return {
    getObject: (...args) => getObject(session, ...args),
    headObject: (...args) => headObject(session, ...args),
    putObject: (...args) => putObject(session, ...args),
    listObjects: (...args) => listObjects(session, ...args),
    deleteObject: (...args) => deleteObject(session, ...args),
    close: () => client.destroy(),
  };
}

/** Its user and password, if any, are left out: S3 has its own. */
function parseEndpoint(endpoint: string): URL {
  const url = URL.parse(endpoint);
  if (url !== null && ['http:', 'https:'].includes(url.protocol)) return url;
  throw new ObjectStoreError({
    code: 'badRequest',
    effect: 'none',
    message:
      'the endpoint of the object store is not an http:// or https:// URL; correct it in the configuration',
  });
}
