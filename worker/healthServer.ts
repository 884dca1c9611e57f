import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readiness } from './readiness.ts';

const CONNECTIONS_MAX = 64;
const REQUEST_TIMEOUT_MS = 10_000;

/** What a worker says about itself. */
export interface HealthOptions {
  readonly host: string;
  readonly port: number;
  readonly readiness: () => Promise<Readiness>;
  /** Text for Prometheus, and its type. */
  readonly metrics: () => Promise<{ readonly text: string; readonly contentType: string }>;
}

/** A server of metrics and health that listens. */
export interface HealthServer extends AsyncDisposable {
  readonly port: number;
}

interface Reply {
  readonly status: 200 | 404 | 405 | 500 | 503;
  readonly body: string;
  readonly contentType?: string;
}

/**
 * Serves `GET /metrics`, `/healthz` (any answer: the process lives and its event loop turns) and `/readyz` (200, or 503
 * with the reason).
 */
export async function startHealthServer(options: HealthOptions): Promise<HealthServer> {
  const timeouts = { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS };
  const server = createServer(timeouts, (request, response) => {
    // Nothing that a client sends besides its head is of interest.
    request.resume();
    void answer(request, options).then((reply) => send(request, response, reply));
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(options.port, options.host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer({ method, url = '' }: IncomingMessage, options: HealthOptions): Promise<Reply> {
  const path = url.split('?', 1)[0] ?? '';
  if (!['/metrics', '/healthz', '/readyz'].includes(path))
    return { status: 404, body: 'there are /metrics, /healthz and /readyz' };
  if (method !== 'GET' && method !== 'HEAD') return { status: 405, body: 'only GET' };
  if (path === '/healthz') return { status: 200, body: 'alive' };
  try {
    if (path === '/metrics') {
      const { text, contentType } = await options.metrics();
      return { status: 200, body: text, contentType };
    }
    const readiness = await options.readiness();
    return readiness.isReady ? { status: 200, body: 'ready' } : { status: 503, body: readiness.reason };
  } catch (error) {
    return { status: 500, body: error instanceof Error ? error.message : String(error) };
  }
}

function send(
  { method }: IncomingMessage,
  response: ServerResponse,
  { status, body, contentType = 'text/plain; charset=utf-8' }: Reply,
): void {
  const text = body.endsWith('\n') ? body : `${body}\n`;
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
  });
  response.end(method === 'HEAD' ? undefined : text);
}
