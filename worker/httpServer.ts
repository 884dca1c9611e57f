import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

const CONNECTIONS_MAX = 64;
const REQUEST_TIMEOUT_MS = 10_000;
/** Longer than the minute between two scrapes, so that Prometheus needs one connection. */
const KEEP_ALIVE_MS = 65_000;

/** One answer, whole. */
export interface Reply {
  readonly status: 200 | 401 | 404 | 405 | 500 | 503;
  readonly body: string;
  /** Plain text by default. */
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that listens. */
export interface HttpServer extends AsyncDisposable {
  readonly port: number;
}

/** What is not there to be read with another method; whoever answers has looked at the path by then. */
export const ONLY_GET: Reply = { status: 405, body: 'only GET\n', headers: { allow: 'GET, HEAD' } };

/** Whether a request only reads. */
export function isRead({ method }: IncomingMessage): boolean {
  return method === 'GET' || method === 'HEAD';
}

/**
 * Serves small answers to few clients: connections, the time of a request and what is read of it are bounded.
 * @param answer - never rejects; nothing that a client sends besides its head reaches it.
 */
export async function startHttpServer(
  { host, port }: { readonly host: string; readonly port: number },
  answer: (request: IncomingMessage) => Promise<Reply>,
): Promise<HttpServer> {
  const timeouts = {
    requestTimeout: REQUEST_TIMEOUT_MS,
    headersTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
  };
  const server = createServer(timeouts, (request, response) => {
    request.resume();
    void answer(request).then(({ status, body, contentType = 'text/plain; charset=utf-8', headers }) => {
      response.writeHead(status, {
        'content-type': contentType,
        'content-length': Buffer.byteLength(body),
        'cache-control': 'no-store',
        ...headers,
      });
      response.end(request.method === 'HEAD' ? undefined : body);
    });
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(port, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
