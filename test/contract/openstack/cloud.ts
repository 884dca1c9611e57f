import { EventEmitter, once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { createOpenStackClient, type OpenStackClient } from '../../../src/openstack/client.ts';
import type { OpenStackOptions } from '../../../src/openstack/client.ts';
import { bodyText, readRecording } from './recordings.ts';

/** The origins that the recordings speak of; the local server stands for all of them. */
const RECORDED_ORIGINS = /http:\/\/127\.0\.0\.1:(15000|18774|19292|19696)/g;

/** Secrets of the tests, none of which may be seen anywhere. */
export const SECRET = 'pa55-w0rd-of-the-probes';

/** A request as it reached the server. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

/** What the server answers: a recording by name, or what the function does. */
export type Answer = string | ((request: SeenRequest, response: ServerResponse, cloud: Cloud) => void);

/** A local server that answers with recordings, and with 501 to what it wasn't told of. */
export interface Cloud {
  readonly origin: string;
  readonly requests: SeenRequest[];
  /** Answers requests of this method and path, one answer after the other; the last one for ever. */
  on(method: string, path: string, ...answers: Answer[]): Cloud;
  /** Waits until so many requests of this method and path came. */
  arrived(method: string, path: string, count: number): Promise<void>;
  /** Gives requests that are on their way the time of a few others to arrive. */
  settle(): Promise<void>;
  /** How many requests of this method and path came. */
  count(method: string, path: string): number;
  reply(response: ServerResponse, recording: string): void;
  client(options?: Partial<OpenStackOptions>): OpenStackClient;
  close(): Promise<void>;
}

/** Starts it with a Keystone that gives a new token each time, and Nova's version document. */
export async function startCloud(tls?: { key: string; cert: string }): Promise<Cloud> {
  const routes = new Map<string, Answer[]>();
  const requests: SeenRequest[] = [];
  const arrivals = new EventEmitter();
  let tokens = 0;
  const listener: RequestListener = (message, response) => {
    void text(message).then((body) => {
      const url = new URL(message.url ?? '', cloud.origin);
      const seen: SeenRequest = {
        method: message.method ?? '',
        path: url.pathname,
        query: decodeURIComponent(url.search.slice(1)),
        headers: message.headers,
        body: body === '' ? undefined : JSON.parse(body),
      };
      requests.push(seen);
      arrivals.emit('request');
      const answers = routes.get(`${seen.method} ${seen.path}`) ?? [];
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      if (answer === undefined) response.writeHead(501).end(`nobody expected ${seen.method} ${seen.path}`);
      else if (typeof answer === 'string') cloud.reply(response, answer);
      else answer(seen, response, cloud);
    });
  };
  const server: Server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const cloud: Cloud = {
    origin,
    requests,
    on(method, path, ...answers) {
      routes.set(`${method} ${path}`, answers);
      return cloud;
    },
    async arrived(method, path, count) {
      while (cloud.count(method, path) < count) await once(arrivals, 'request');
    },
    async settle() {
      for (let round = 0; round < 20; round += 1) await (await fetch(`${origin}/settle`)).text();
    },
    count: (method, path) => requests.filter((seen) => seen.method === method && seen.path === path).length,
    reply(response, recording) {
      const { status, headers } = readRecording(recording).response;
      const token = `gAAAAAB-token-${++tokens}-${'x'.repeat(40)}`;
      const kept = Object.entries(headers)
        .filter(([name]) => name !== 'Content-Length')
        .flatMap(([name, value]) => [name, name === 'X-Subject-Token' ? token : value]);
      const body = bodyText(readRecording(recording)).replaceAll(RECORDED_ORIGINS, origin);
      response.writeHead(status, kept).end(body);
    },
    client: (options) => createOpenStackClient({ ...defaults(origin), ...options }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return cloud
    .on('POST', '/v3/auth/tokens', 'token-application-credential')
    .on('GET', '/v2.1/', 'nova-versions-v2.1-slash');
}

function defaults(origin: string): OpenStackOptions {
  return {
    credentials: {
      kind: 'applicationCredential',
      authUrl: `${origin}/v3`,
      id: 'credential-id',
      secret: SECRET,
    },
    interface: 'public',
    concurrency: 4,
    requestsPerSecond: 1_000,
    requestTimeoutMs: 30_000,
  };
}

/** Answers with JSON of one's own. */
export function json(
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): Exclude<Answer, string> {
  return (_request, response) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));
}

/** Breaks the connection after the request was read. */
export const reset: Answer = (_request, response) => void response.socket?.destroy();

/** Never answers. */
export const hang: Answer = () => undefined;
