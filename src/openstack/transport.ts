import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

import got, { RequestError, type OptionsInit, type Response } from 'got';
import PQueue from 'p-queue';

import { describeBreakdown } from './breakdown.ts';
import { secretsOf, type Credentials } from './credentials.ts';
import { OpenStackError, type OpenStackService } from './error.ts';
import { createQuoter, type Quoter } from './message.ts';
import { createReply, describeRefusal, requestIdOf, type Reply } from './reply.ts';
import { createPace, type Pace } from './pace.ts';
import { malformedFields, type HttpMethod, type TransportRequest } from './request.ts';

/** What is told of a request at its end; it has few distinct values, except the request id, and no secret. */
export interface RequestRecord {
  readonly service: OpenStackService;
  readonly method: HttpMethod;
  readonly route: string;
  /** `undefined` where there was no answer. */
  readonly status: number | undefined;
  readonly durationMs: number;
  readonly requestId: string | undefined;
}

/** What a transport is made of; see `OpenStackOptions`. */
export interface TransportOptions {
  readonly credentials: Credentials;
  readonly concurrency: number;
  readonly requestsPerSecond: number;
  readonly requestTimeoutMs: number;
  readonly ca?: string | undefined;
  readonly onRequest?: ((request: RequestRecord) => void) | undefined;
}

/** Sends requests, within the limits of concurrency and rate; follows and repeats nothing. */
export interface Transport {
  /** @throws OpenStackError for every status but 2xx; the signal's reason when it is aborted. */
  send(request: TransportRequest, signal?: AbortSignal): Promise<Reply>;
  /** Keeps a token out of messages from now on. */
  hide(token: string): void;
}

/** The longest answer that we read, in bytes. */
export const RESPONSE_BYTES_MAX = 64 * 1024 * 1024;

/** Makes a transport; nothing is sent yet. */
export function createTransport(options: TransportOptions): Transport {
  const quoter = createQuoter(secretsOf(options.credentials));
  const queue = new PQueue({ concurrency: options.concurrency });
  const takeTurn = paceOf(options);
  const gotOptions = createGotOptions(options);
  return {
    hide: (token) => quoter.addToken(token),
    async send(request, signal) {
      const response = await queue.add(
        async () => {
          await takeTurn();
          return await exchange(request, gotOptions, quoter, options.onRequest, signal);
        },
        signal === undefined ? {} : { signal },
      );
      // got's own `ok` counts redirects that it was told not to follow.
      const succeeded = response.statusCode >= 200 && response.statusCode < 300;
      if (succeeded) return createReply(request, response, quoter);
      throw describeRefusal(request, response, quoter);
    },
  };
}

function paceOf({ requestsPerSecond }: TransportOptions): Pace {
  const count = Math.max(1, Math.floor(requestsPerSecond));
  return createPace(count, Math.ceil((1_000 * count) / requestsPerSecond));
}

/**
 * Every request has its own connection: a kept one that the server closes in the same moment would leave open whether
 * a create was heard, and our requests are few.
 */
function createGotOptions({ requestTimeoutMs, ca }: TransportOptions) {
  return {
    agent: { http: new HttpAgent({ keepAlive: false }), https: new HttpsAgent({ keepAlive: false }) },
    retry: { limit: 0 },
    followRedirect: false,
    throwHttpErrors: false,
    decompress: false,
    timeout: { request: requestTimeoutMs },
    https: { rejectUnauthorized: true, ...(ca === undefined ? {} : { certificateAuthority: ca }) },
  } satisfies OptionsInit;
}

async function exchange(
  request: TransportRequest,
  gotOptions: ReturnType<typeof createGotOptions>,
  quoter: Quoter,
  onRequest: TransportOptions['onRequest'],
  signal: AbortSignal | undefined,
): Promise<Response<string>> {
  const { service, method, route, url, headers, json } = request;
  const startedMs = performance.now();
  const tooLong = new AbortController();
  let response: Response<string> | undefined;
  try {
    const pending = got(url, {
      ...gotOptions,
      method,
      headers: { accept: 'application/json', ...headers },
      ...(json === undefined ? {} : { json }),
      signal: AbortSignal.any([tooLong.signal, ...(signal === undefined ? [] : [signal])]),
    });
    void pending.on('downloadProgress', ({ transferred }) => {
      if (transferred > RESPONSE_BYTES_MAX) tooLong.abort();
    });
    response = await pending;
    return response;
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof RequestError)) throw error;
    throw new OpenStackError(
      tooLong.signal.aborted
        ? malformedFields(request, `its answer is longer than ${RESPONSE_BYTES_MAX} bytes`)
        : { ...describeBreakdown(request, error, quoter), service },
    );
  } finally {
    const durationMs = performance.now() - startedMs;
    const requestId = response === undefined ? undefined : requestIdOf(response);
    onRequest?.({ service, method, route, status: response?.statusCode, durationMs, requestId });
  }
}
