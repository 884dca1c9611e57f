import got, { RequestError } from 'got';

import { tooLarge } from './body.ts';
import { ObjectStoreError, type ObjectStoreErrorCode } from './error.ts';

/** The most that we read of an answer that says no. */
const REFUSAL_BYTES_MAX = 64 * 1_024;

/** What a guest gets to see of an object. */
export interface PublicObject {
  readonly body: string;
  /** With its quotes; `undefined` if the server gives none. */
  readonly etag: string | undefined;
}

/**
 * Reads a public URL as a guest does, without credentials, to see whether guests can. Redirects are not followed.
 * @throws ObjectStoreError `forbidden` or `unauthenticated` if it isn't public, `notFound`, `tooLarge`, `timeout`,
 * `unreachable`, …; the signal's reason when it is aborted.
 */
export async function getAnonymously(
  url: string,
  limits: {
    readonly maxBytes: number;
    readonly timeoutMs: number;
    /** Authorities to trust, in PEM; without it the system's own. */
    readonly ca?: string | undefined;
  },
  signal?: AbortSignal,
): Promise<PublicObject> {
  signal?.throwIfAborted();
  const { place, href } = parsePublicUrl(url);
  const tooLong = new AbortController();
  const request = got(href, {
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    timeout: { request: limits.timeoutMs },
    https: {
      rejectUnauthorized: true,
      ...(limits.ca === undefined ? {} : { certificateAuthority: limits.ca }),
    },
    signal: AbortSignal.any([tooLong.signal, ...(signal === undefined ? [] : [signal])]),
  });
  void request.on('downloadProgress', ({ transferred }) => {
    if (transferred > Math.max(limits.maxBytes, REFUSAL_BYTES_MAX)) tooLong.abort();
  });
  try {
    const { statusCode, body, headers } = await request;
    if (statusCode !== 200) throw refuse(place, classifyStatus(statusCode), `HTTP ${statusCode}`, statusCode);
    if (Buffer.byteLength(body) > limits.maxBytes)
      throw tooLarge({ maxBytes: limits.maxBytes, subject: place });
    return { body, etag: headers.etag };
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof RequestError)) throw error;
    if (tooLong.signal.aborted) throw tooLarge({ maxBytes: limits.maxBytes, subject: place });
    const code = error.name === 'TimeoutError' ? 'timeout' : 'unreachable';
    throw refuse(place, code, error.message === '' ? error.code : `${error.message} (${error.code})`);
  }
}

/** Without user, password and query: a signature in the query is a secret and would prove nothing about guests. */
function parsePublicUrl(url: string): { readonly place: string; readonly href: string } {
  const parsed = URL.parse(url);
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
    throw refuse('the public URL', 'badRequest', 'it is not an http:// or https:// URL');
  }
  return { place: `${parsed.host}${parsed.pathname}`, href: `${parsed.origin}${parsed.pathname}` };
}

function classifyStatus(status: number): ObjectStoreErrorCode {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'notFound';
  if (status === 429) return 'rateLimited';
  if (status >= 500) return 'unavailable';
  return status >= 400 ? 'badRequest' : 'malformedResponse';
}

function refuse(place: string, code: ObjectStoreErrorCode, why: string, status?: number): ObjectStoreError {
  return new ObjectStoreError({
    code,
    effect: 'none',
    message: `cannot read ${place} without credentials: ${why}; check the public address and that anyone may read it`,
    status,
  });
}
