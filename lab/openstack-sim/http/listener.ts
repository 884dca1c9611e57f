import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../core/clock.ts';
import type { Random } from '../core/random.ts';
import { troubled } from '../faults/answers.ts';
import type { HttpFaults } from '../faults/httpFaults.ts';
import type { HttpEffect } from '../faults/schema.ts';
import type { Answer, RawCall } from './call.ts';
import type { RequestLog } from './requestLog.ts';
import type { Service } from './service.ts';
import { truncatePage } from './truncate.ts';

/** What a listener needs besides its service. */
export interface ListenerParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly faults: HttpFaults;
  readonly log: RequestLog;
  readonly keystoneUrl: () => string;
}

/** An open port. */
export interface Listener {
  readonly port: number;
  /** Gives the port its service. */
  serve(service: Service): void;
  close(): Promise<void>;
}

const MEBIBYTE = 1_048_576;

/** Opens a port of an address. */
export async function openListener(address: string, port: number, parts: ListenerParts): Promise<Listener> {
  let service: Service | undefined;
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    if (service === undefined) return void response.destroy();
    respond(service, parts, request, response).catch((error: unknown) => {
      console.error('openstack-sim:', error);
      response.destroy();
    });
  });
  server.listen(port, address);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    serve: (given) => void (service = given),
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

async function respond(
  service: Service,
  parts: ListenerParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { clock, faults, log } = parts;
  const timeMs = clock.now();
  const call = await readCall(request, `req-${parts.random.uuid()}`);
  const agent = request.headers['user-agent'] ?? null;
  const { method, target } = call;
  const write = (status: number): void =>
    log.add({ service: service.name, method, path: target, status, timeMs, agent });

  const effect = faults.take({ service: service.name, method, target, agent: agent ?? '' });
  if (effect?.kind === 'hang') return write(0);
  if (effect?.kind === 'resetBeforeEffect') return cut(response, () => write(0));
  if (effect?.kind === 'slow') await clock.wait(effect.ms);

  const trouble = (status: number, retryAfterSeconds?: number): Answer =>
    troubled(service.name, status, parts.keystoneUrl(), retryAfterSeconds);
  const given =
    effect?.kind === 'status' ? trouble(effect.status, effect.retryAfterSeconds) : await service.answer(call);
  if (effect?.kind === 'hangAfterEffect') return write(0);
  if (effect?.kind === 'resetAfterEffect') return cut(response, () => write(0));
  const answer = effect?.kind === 'statusAfterEffect' ? trouble(effect.status) : given;
  write(answer.status);
  send(response, answer, effect);
}

function cut(response: ServerResponse, write: () => void): void {
  write();
  response.socket?.resetAndDestroy();
}

async function readCall(request: IncomingMessage, requestId: string): Promise<RawCall> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MEBIBYTE) throw new Error('a request of more than 1 MiB');
    chunks.push(chunk);
  }
  const target = request.url ?? '/';
  const [path = '/', ...query] = target.split('?');
  return {
    method: request.method ?? 'GET',
    path,
    target,
    query: new URLSearchParams(query.join('?')),
    headers: request.headers,
    text: Buffer.concat(chunks).toString('utf8'),
    requestId,
  };
}

function send(response: ServerResponse, answer: Answer, effect: HttpEffect | undefined): void {
  const body = effect?.kind === 'truncatePage' ? truncatePage(answer.body, effect.keep) : answer.body;
  const text = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
  const payload = Buffer.from(text);
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (text !== '' && !response.hasHeader('content-type')) {
    response.setHeader('content-type', 'application/json');
  }
  response.setHeader('content-length', payload.length);
  response.writeHead(answer.status);
  if (effect?.kind !== 'truncateBody') return void response.end(payload);
  response.write(payload.subarray(0, payload.length >> 1), () => response.socket?.destroy());
}
