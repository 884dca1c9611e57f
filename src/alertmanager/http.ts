import got, { RequestError, TimeoutError, type OptionsInit } from 'got';

import { AlertmanagerError, type AlertmanagerErrorCode } from './error.ts';

/** How we prove who we are. */
export type HttpAuth =
  | { readonly kind: 'none' }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string };

/** Certificates as PEM text; without `ca` the system's own are trusted. The server is always verified. */
export interface HttpTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** One server, with all that is needed to talk to it. */
export interface HttpConnection {
  /** The base URL without credentials and without a slash at its end. */
  readonly prefix: string;
  /** Host and port, for messages. */
  readonly host: string;
  readonly auth: HttpAuth;
  readonly tls: HttpTls;
  readonly requestTimeoutMs: number;
}

/** One request; `purpose` is what it is for, as it stands in messages: "list silences". */
export interface HttpCall {
  readonly purpose: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: URLSearchParams;
  readonly json?: unknown;
  /** Whether this request changes something over there. */
  readonly writes: boolean;
}

/** An answer of any status. */
export interface HttpReply {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs: number | undefined;
}

/** The longest answer that we read, in bytes. */
export const RESPONSE_BYTES_MAX = 32 * 1024 * 1024;

/** The longest wait for a connection, in milliseconds: a dead server must leave time for the next one. */
const CONNECT_TIMEOUT_MS_MAX = 5_000;

/** Failures that happen before the first byte of a request is sent, so that nothing can have been changed. */
const NOT_CONNECTED = /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/;
const NOT_TRUSTED = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO)/;

/**
 * Checks a base URL and takes the credentials out of it.
 * @throws AlertmanagerError `badRequest`, without repeating the URL, which may hold a password.
 */
export function openConnection(
  url: string,
  options: Omit<HttpConnection, 'prefix' | 'host'>,
): HttpConnection {
  const parsed = URL.parse(url);
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
    throw new AlertmanagerError({
      code: 'badRequest',
      effect: 'none',
      message: 'a URL of Alertmanager is not an http:// or https:// URL; correct it in the configuration',
    });
  }
  const prefix = `${parsed.origin}${parsed.pathname}`.replace(/\/+$/, '');
  return { prefix, host: parsed.host, ...options };
}

/**
 * Sends one request, once, and gives the answer whatever its status is. Redirects are not followed.
 * @throws AlertmanagerError `unreachable`, `timeout` or `malformedResponse`; the signal's reason when it is aborted.
 */
export async function sendRequest(
  connection: HttpConnection,
  call: HttpCall,
  signal?: AbortSignal,
): Promise<HttpReply> {
  signal?.throwIfAborted();
  const tooLong = new AbortController();
  const request = got(`${connection.prefix}${call.path}`, {
    ...requestOptions(connection, call),
    signal: AbortSignal.any([tooLong.signal, ...(signal === undefined ? [] : [signal])]),
  });
  void request.on('downloadProgress', ({ transferred }) => {
    if (transferred > RESPONSE_BYTES_MAX) tooLong.abort();
  });
  try {
    const response = await request;
    const seconds = Number(response.headers['retry-after']);
    const retryAfterMs = seconds > 0 ? seconds * 1_000 : undefined;
    return { status: response.statusCode, body: response.body, retryAfterMs };
  } catch (error) {
    signal?.throwIfAborted();
    const cause = tooLong.signal.aborted ? `the answer is longer than ${RESPONSE_BYTES_MAX} bytes` : error;
    throw describeFailure(connection, call, cause);
  }
}

function requestOptions(connection: HttpConnection, call: HttpCall) {
  const { auth, tls, requestTimeoutMs } = connection;
  const connectMs = Math.min(CONNECT_TIMEOUT_MS_MAX, requestTimeoutMs / 2);
  return {
    method: call.method,
    headers: { accept: 'application/json', ...authHeaders(auth) },
    ...(call.query === undefined ? {} : { searchParams: call.query }),
    ...(call.json === undefined ? {} : { json: call.json }),
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    timeout: { lookup: connectMs, connect: connectMs, secureConnect: connectMs, request: requestTimeoutMs },
    https: {
      rejectUnauthorized: true,
      ...(tls.ca === undefined ? {} : { certificateAuthority: tls.ca }),
      ...(tls.cert === undefined ? {} : { certificate: tls.cert }),
      ...(tls.key === undefined ? {} : { key: tls.key }),
    },
  } satisfies OptionsInit;
}

function authHeaders(auth: HttpAuth): Record<string, string> {
  if (auth.kind === 'none') return {};
  if (auth.kind === 'bearer') return { authorization: `Bearer ${auth.token}` };
  const pair = Buffer.from(`${auth.username}:${auth.password}`, 'utf8').toString('base64');
  return { authorization: `Basic ${pair}` };
}

/** got's own error is left behind on purpose: it carries the request with its Authorization header. */
function describeFailure(connection: HttpConnection, call: HttpCall, cause: unknown): AlertmanagerError {
  const head = `cannot ${call.purpose} at Alertmanager ${connection.host}`;
  const fail = (code: AlertmanagerErrorCode, sent: boolean, message: string) =>
    new AlertmanagerError({
      code,
      effect: sent && call.writes ? 'unknown' : 'none',
      message: `${head}: ${message}`,
    });
  if (typeof cause === 'string') return fail('malformedResponse', true, cause);
  if (!(cause instanceof RequestError)) throw cause;
  const why = redact(connection.auth, cause.message === '' ? cause.code : `${cause.message} (${cause.code})`);
  if (cause instanceof TimeoutError) {
    const connecting = ['lookup', 'connect', 'secureConnect'].includes(cause.event);
    return connecting
      ? fail('unreachable', false, `${why}; check that it runs and that a firewall lets this host through`)
      : fail('timeout', true, `${why}; it may be overloaded`);
  }
  if (NOT_CONNECTED.test(cause.code)) {
    return fail(
      'unreachable',
      false,
      `${why}; check that it runs, its address, and that this host can reach it`,
    );
  }
  if (NOT_TRUSTED.test(cause.code)) {
    return fail(
      'unreachable',
      false,
      `${why}; check its certificate and the configured CA and client certificate`,
    );
  }
  return fail('unreachable', true, `${why}; the connection broke`);
}

/** Cuts an answer down to one line for a message, without any secret of ours that it may echo. */
export function quoteBody(auth: HttpAuth, body: string): string {
  const line = redact(auth, body).slice(0, 2_000).replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}

function redact(auth: HttpAuth, text: string): string {
  const header = authHeaders(auth)['authorization']?.split(' ')[1];
  const secrets = [header, auth.kind === 'basic' ? auth.password : undefined];
  return secrets.reduce<string>((rest, secret) => (secret ? rest.replaceAll(secret, '***') : rest), text);
}
