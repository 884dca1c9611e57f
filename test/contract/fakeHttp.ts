import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** A server that answers as a test says, for answers that the real one gives too seldom. */
export interface FakeHttp {
  readonly url: string;
  /** `METHOD path` of each request so far. */
  readonly requests: string[];
  readonly stop: () => Promise<void>;
}

/** Starts one on loopback, at a free port. */
export async function startFakeHttp(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<FakeHttp> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { url: `http://127.0.0.1:${address.port}`, requests, stop };
}

/** Answers at once. */
export function reply(status: number, body: string, headers: Record<string, string> = {}) {
  return (_request: IncomingMessage, response: ServerResponse): void => {
    response.writeHead(status, headers).end(body);
  };
}

/** Never answers. */
export function stall(): void {}

/** An address at which nobody listens. */
export async function findDeadUrl(): Promise<string> {
  const server = await startFakeHttp(stall);
  await server.stop();
  return server.url;
}
