import type { HttpError, HttpErrorFields } from './error.ts';
import type { HttpAuth } from './secrecy.ts';

/** Certificates as PEM text; without `ca` the system's own are trusted. The server is always verified. */
export interface HttpTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** What a client tells of the kind of server that it speaks to. */
export interface HttpDialect {
  /** The kind of server, for messages: "Prometheus". */
  readonly server: string;
  /** The configured URL, for messages: "the URL of Prometheus". */
  readonly urlName: string;
  /** What to look at when there is nothing at the path. */
  readonly notFoundAdvice: string;
  /** What to look at when an answer isn't of the kind that this server gives. */
  readonly malformedAdvice: string;
  /** The longest answer that is read, in bytes. */
  readonly responseBytesMax: number;
  /** The reason in the body of a refusal. */
  readonly readRefusal: (body: string) => string;
  /** The client's own error. */
  readonly createError: (fields: HttpErrorFields) => HttpError;
}

/** What is told of a request at its end; it has few distinct values and no secret. */
export interface HttpRequestRecord {
  readonly method: HttpCall['method'];
  /** The path below the base URL with its variable parts in braces. */
  readonly route: string;
  /** `undefined` where there was no answer. */
  readonly status: number | undefined;
  readonly durationMs: number;
}

/** One server, with all that is needed to talk to it. */
export interface HttpConnection {
  readonly dialect: HttpDialect;
  /** The base URL without credentials and without a slash at its end. */
  readonly prefix: string;
  /** Host and port, for messages. */
  readonly host: string;
  readonly auth: HttpAuth;
  readonly tls: HttpTls;
  readonly requestTimeoutMs: number;
  /** Told of every request at its end. It must not throw. */
  readonly onRequest?: ((request: HttpRequestRecord) => void) | undefined;
}

/** One request; `purpose` is what it is for, as it stands in messages: "list targets". */
export interface HttpCall {
  readonly purpose: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** The path with its variable parts in braces; left out where it has none. */
  readonly route?: string;
  readonly query?: URLSearchParams;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  /** Whether this request changes something over there. */
  readonly writes: boolean;
}

/** An answer of any status. */
export interface HttpReply {
  readonly status: number;
  readonly body: string;
  readonly retryAfterMs: number | undefined;
}

/** A request that only reads. */
export function readCall(purpose: string, path: string): HttpCall {
  return { purpose, method: 'GET', path, writes: false };
}

/**
 * Checks a base URL and takes the credentials out of it.
 * @throws HttpError `badRequest`, without repeating the URL, which may hold a password.
 */
export function openConnection(
  url: string,
  options: Omit<HttpConnection, 'prefix' | 'host'>,
): HttpConnection {
  const parsed = URL.parse(url);
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
    throw options.dialect.createError({
      code: 'badRequest',
      effect: 'none',
      message: `${options.dialect.urlName} is not an http:// or https:// URL; correct it in the configuration`,
    });
  }
  const prefix = `${parsed.origin}${parsed.pathname}`.replace(/\/+$/, '');
  return { prefix, host: parsed.host, ...options };
}

/** How every message about a call begins. */
export function describeCall({ dialect, host }: HttpConnection, { purpose }: HttpCall): string {
  return `cannot ${purpose} at ${dialect.server} ${host}`;
}
