import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Reads what Prometheus is served about one region; rejects with a message for people. */
export type ReadTargets = (signal: AbortSignal) => Promise<string>;

/** Where and to whom targets are served. */
export interface ServiceDiscoveryOptions {
  readonly host: string;
  readonly port: number;
  /** What Prometheus has to give as a bearer token; `null` for nothing. */
  readonly token: string | null;
  readonly regions: ReadonlyMap<string, ReadTargets>;
  /** Told when a region can't be served any more, and when it can again. */
  readonly log: (line: string) => void;
}

/** A server of targets that listens. */
export interface ServiceDiscovery extends AsyncDisposable {
  readonly port: number;
}

const CONNECTIONS_MAX = 64;
const REQUEST_TIMEOUT_MS = 10_000;
const READ_TIMEOUT_MS = 20_000;
const KEEP_ALIVE_MS = 65_000;
const PATH = /^\/targets\/([a-z0-9-]+)$/;

/**
 * Serves `GET /targets/<region>` in the form of Prometheus' HTTP service discovery. Each answer is read from the stored
 * document, so that every worker says the same. What can't be read is a 503 and never an empty list: Prometheus then
 * keeps the targets that it has.
 * @see https://prometheus.io/docs/prometheus/latest/http_sd/
 */
export async function startServiceDiscovery(options: ServiceDiscoveryOptions): Promise<ServiceDiscovery> {
  const failing = new Set<string>();
  const closing = new AbortController();
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    },
    (request, response) => {
      // Nothing that a client sends besides its head is of interest.
      request.resume();
      void answer(request, options, failing, closing.signal).then((reply) => send(request, response, reply));
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

interface Reply {
  readonly status: 200 | 401 | 404 | 405 | 503;
  readonly body: string;
}

async function answer(
  { method, url = '', headers }: IncomingMessage,
  { token, regions, log }: ServiceDiscoveryOptions,
  failing: Set<string>,
  closing: AbortSignal,
): Promise<Reply> {
  if (token !== null && !isToken(headers.authorization, token))
    return { status: 401, body: 'give the bearer token of serviceDiscovery.tokenFile' };
  const region = PATH.exec(url.split('?', 1)[0] ?? '')?.[1] ?? '';
  const read = regions.get(region);
  if (read === undefined)
    return { status: 404, body: 'no such region is published by http: GET /targets/<region>' };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: 'only GET' };
  try {
    const body = await read(AbortSignal.any([closing, AbortSignal.timeout(READ_TIMEOUT_MS)]));
    if (failing.delete(region)) log(`the targets of ${region} are served again`);
    return { status: 200, body };
  } catch (error) {
    const message = `the targets of ${region} can't be served: ${error instanceof Error ? error.message : String(error)}`;
    if (!failing.has(region)) log(message);
    failing.add(region);
    return { status: 503, body: message };
  }
}

/** Compares hashes, so that the time which it takes says nothing about the token, not even its length. */
function isToken(authorization: string | undefined, token: string): boolean {
  const [scheme, given] = /^(\S+) +(\S+)$/.exec(authorization ?? '')?.slice(1) ?? [];
  if (scheme?.toLowerCase() !== 'bearer' || given === undefined) return false;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

function send({ method }: IncomingMessage, response: ServerResponse, { status, body }: Reply): void {
  const text = status === 200 ? body : `${body}\n`;
  response.writeHead(status, {
    'content-type': status === 200 ? 'application/json' : 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
  });
  response.end(method === 'HEAD' ? undefined : text);
}
