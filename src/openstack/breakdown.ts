import { TimeoutError, type RequestError } from 'got';

import type { OpenStackErrorFields } from './error.ts';
import type { Quoter } from './message.ts';
import { describeRequest, type TransportRequest } from './request.ts';

/** Happen before the first byte of a request is sent, so that nothing can have been changed. */
const NOT_CONNECTED = /^(ECONNREFUSED|ENOTFOUND|EAI_\w+|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/;
const NOT_TRUSTED =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|EPROTO)/;

/** Describes a request that got no answer, without got's error, which carries the headers. */
export function describeBreakdown(
  request: TransportRequest,
  error: RequestError,
  quoter: Quoter,
): Omit<OpenStackErrorFields, 'service'> {
  const head = describeRequest(request);
  const why = quoter.quote(`${error.message} [${error.code}]`);
  const effect = request.writes && wasConnected(request, error) ? 'unknown' : 'none';
  if (error instanceof TimeoutError) return { code: 'timeout', effect, message: `${head}: ${why}` };
  if (NOT_TRUSTED.test(error.code)) {
    const message = `${head}: ${why}; check its certificate and the configured CA`;
    return { code: 'connection', effect: 'none', message };
  }
  if (NOT_CONNECTED.test(error.code)) {
    const message = `${head}: ${why}; check its address, that it runs, and that this host can reach it`;
    return { code: 'connection', effect: 'none', message };
  }
  return { code: 'connection', effect, message: `${head}: ${why}; the connection broke` };
}

/** Without a connection, and with TLS without a finished handshake, no byte of the request has left us. */
function wasConnected(request: TransportRequest, { timings }: RequestError): boolean {
  const connectedAt = request.url.protocol === 'https:' ? timings?.secureConnect : timings?.connect;
  return connectedAt !== undefined;
}
