import got, { type OptionsInit } from 'got';

import { describeBreakdown } from './breakdown.ts';
import type { HttpCall, HttpConnection, HttpReply } from './connection.ts';
import { authHeaders } from './secrecy.ts';

/** The longest wait for a connection, in milliseconds: a dead server must leave time for the next one. */
const CONNECT_TIMEOUT_MS_MAX = 5_000;

/**
 * Sends one request, once, and gives the answer whatever its status is. Redirects are not followed.
 * @throws HttpError `unreachable`, `timeout` or `malformedResponse`; the signal's reason when it is aborted.
 */
export async function sendRequest(
  connection: HttpConnection,
  call: HttpCall,
  signal?: AbortSignal,
): Promise<HttpReply> {
  signal?.throwIfAborted();
  const { responseBytesMax } = connection.dialect;
  const tooLong = new AbortController();
  const request = got(`${connection.prefix}${call.path}`, {
    ...requestOptions(connection, call),
    signal: AbortSignal.any([tooLong.signal, ...(signal === undefined ? [] : [signal])]),
  });
  void request.on('downloadProgress', ({ transferred }) => {
    if (transferred > responseBytesMax) tooLong.abort();
  });
  const startedMs = performance.now();
  let status: number | undefined;
  try {
    const response = await request;
    status = response.statusCode;
    const seconds = Number(response.headers['retry-after']);
    const retryAfterMs = seconds > 0 ? seconds * 1_000 : undefined;
    return { status, body: response.body, retryAfterMs };
  } catch (error) {
    signal?.throwIfAborted();
    const cause = tooLong.signal.aborted ? `the answer is longer than ${responseBytesMax} bytes` : error;
    throw describeBreakdown(connection, call, cause);
  } finally {
    const { method, route = call.path } = call;
    connection.onRequest?.({ method, route, status, durationMs: performance.now() - startedMs });
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
    ...(call.form === undefined ? {} : { form: call.form }),
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
