import type { IncomingMessage } from 'node:http';
import { isRead, ONLY_GET, startHttpServer, type HttpServer, type Reply } from './httpServer.ts';
import type { Readiness } from './readiness.ts';
import type { Exposition } from './scrape.ts';

/** What a worker says about itself. */
export interface HealthOptions {
  readonly host: string;
  readonly port: number;
  readonly readiness: () => Promise<Readiness>;
  readonly metrics: () => Promise<Exposition>;
  /** Which hypervisors should carry a probe. */
  readonly expected: () => Promise<Exposition>;
}

/**
 * Serves `GET /metrics`, `/metrics/expected`, `/healthz` (any answer: the process lives and its event loop turns) and
 * `/readyz` (200, or 503 with the reason).
 */
export async function startHealthServer(options: HealthOptions): Promise<HttpServer> {
  return await startHttpServer(options, (request) => answer(request, options));
}

async function answer(request: IncomingMessage, options: HealthOptions): Promise<Reply> {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  if (!['/metrics', '/metrics/expected', '/healthz', '/readyz'].includes(path))
    return { status: 404, body: 'there are /metrics, /metrics/expected, /healthz and /readyz\n' };
  if (!isRead(request)) return ONLY_GET;
  if (path === '/healthz') return { status: 200, body: 'alive\n' };
  try {
    if (path.startsWith('/metrics')) {
      const { text, contentType } = await (path === '/metrics' ? options.metrics() : options.expected());
      return { status: 200, body: text, contentType };
    }
    const readiness = await options.readiness();
    return readiness.isReady
      ? { status: 200, body: 'ready\n' }
      : { status: 503, body: `${readiness.reason}\n` };
  } catch (error) {
    return { status: 500, body: `${error instanceof Error ? error.message : String(error)}\n` };
  }
}
