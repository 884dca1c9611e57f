import { RequestError, TimeoutError } from 'got';

import { describeCall, type HttpCall, type HttpConnection } from './connection.ts';
import type { HttpError, HttpErrorCode } from './error.ts';
import { redact } from './secrecy.ts';

/** Failures that happen before the first byte of a request is sent, so that nothing can have been changed. */
const NOT_CONNECTED = /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/;
const NOT_TRUSTED = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO)/;

/**
 * The error of a call that got no answer that can be read; a `cause` that is text says why.
 * got's own error is left behind on purpose: it carries the request with its Authorization header.
 * @throws what isn't got's.
 */
export function describeBreakdown(connection: HttpConnection, call: HttpCall, cause: unknown): HttpError {
  const fail = (code: HttpErrorCode, sent: boolean, message: string) =>
    connection.dialect.createError({
      code,
      effect: sent && call.writes ? 'unknown' : 'none',
      message: `${describeCall(connection, call)}: ${message}`,
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
