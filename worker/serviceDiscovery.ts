import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { isRead, ONLY_GET, startHttpServer, type HttpServer, type Reply } from './httpServer.ts';

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

const READ_TIMEOUT_MS = 20_000;
const WITHOUT_TOKEN: Reply = {
  status: 401,
  body: 'give the bearer token of serviceDiscovery.tokenFile\n',
  headers: { 'www-authenticate': 'Bearer' },
};
const PATH = /^\/targets\/([a-z0-9-]+)$/;

/**
 * Serves `GET /targets/<region>` in the form of Prometheus' HTTP service discovery. Each answer is read from the stored
 * document, so that every worker says the same. What can't be read is a 503 and never an empty list: Prometheus then
 * keeps the targets that it has.
 * @see https://prometheus.io/docs/prometheus/latest/http_sd/
 */
export async function startServiceDiscovery(options: ServiceDiscoveryOptions): Promise<HttpServer> {
  const failing = new Set<string>();
  const closing = new AbortController();
  const server = await startHttpServer(options, (request) =>
    answer(request, options, failing, closing.signal),
  );
  return {
    port: server.port,
    [Symbol.asyncDispose]: async () => {
      closing.abort();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function answer(
  request: IncomingMessage,
  { token, regions, log }: ServiceDiscoveryOptions,
  failing: Set<string>,
  closing: AbortSignal,
): Promise<Reply> {
  if (token !== null && !isToken(request.headers.authorization, token)) return WITHOUT_TOKEN;
  const region = PATH.exec((request.url ?? '').split('?', 1)[0] ?? '')?.[1] ?? '';
  const read = regions.get(region);
  if (read === undefined)
    return { status: 404, body: 'no such region is published by http: GET /targets/<region>\n' };
  if (!isRead(request)) return ONLY_GET;
  try {
    const body = await read(AbortSignal.any([closing, AbortSignal.timeout(READ_TIMEOUT_MS)]));
    if (failing.delete(region)) log(`the targets of ${region} are served again`);
    return { status: 200, body, contentType: 'application/json' };
  } catch (error) {
    const message = `the targets of ${region} can't be served: ${error instanceof Error ? error.message : String(error)}`;
    if (!failing.has(region)) log(message);
    failing.add(region);
    return { status: 503, body: `${message}\n` };
  }
}

/** Compares hashes, so that the time which it takes says nothing about the token, not even its length. */
function isToken(authorization: string | undefined, token: string): boolean {
  const [scheme, given] = /^(\S+) +(\S+)$/.exec(authorization ?? '')?.slice(1) ?? [];
  if (scheme?.toLowerCase() !== 'bearer' || given === undefined) return false;
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}
