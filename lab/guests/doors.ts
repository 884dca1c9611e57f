import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';

import { EXPOSITION_TYPE } from './exposition.ts';

const ANY_ADDRESS = '0.0.0.0';

/** The exporters of a probe, each with a port of its own. */
export type Exporter = 'node' | 'ping';

/** Where real exporters listen unless told otherwise. */
export const PORTS: Readonly<Record<Exporter, number>> = { node: 9100, ping: 9374 };

/**
 * How guests are listened for. `perAddress`: a listener for each address and port. `wildcard`: one for all,
 * which tells guests apart by the address that was asked for; only inside a network namespace, because it
 * takes the ports on every address.
 */
export type Listen = 'perAddress' | 'wildcard';

/** Where the exporters of all guests can be reached. */
export interface Doors {
  /** @throws Error when the address can't be had or is in use, or there are no more files to be opened. */
  open(address: string, exporter: Exporter): Promise<void>;
  /** Stops to listen at the address and breaks its connections. */
  close(address: string): Promise<void>;
  /** Breaks what is connected to the address now. */
  breakConnections(address: string): void;
  closeAll(): Promise<void>;
}

/** What doors need. */
export interface DoorsOptions {
  readonly listen: Listen;
  readonly ports: Readonly<Record<Exporter, number>>;
  /** Metrics of the guest at this address, `null` where no exporter can be reached: the connection breaks. */
  readonly answer: (address: string, exporter: Exporter) => string | null;
  /** Whether the exporter at this address can be reached now. */
  readonly isReachable: (address: string, exporter: Exporter) => boolean;
}

/**
 * Prepares doors; with `wildcard` they stand open at once.
 *
 * @throws Error when a port of `wildcard` is taken.
 */
export async function createDoors(options: DoorsOptions): Promise<Doors> {
  const { ports, isReachable } = options;
  const listeners = new Map<string, Server>();
  const sockets = new Map<string, Set<Socket>>();
  // It listens nowhere: one HTTP server is enough for the connections of thousands of guests. As the real
  // exporters it lets idle connections stand: Node's five seconds could end one just as Prometheus asks again.
  const http = createHttpServer({ keepAliveTimeout: 0 }, answer);

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { localAddress = '', localPort } = request.socket;
    const exporter = localPort === ports.node ? 'node' : 'ping';
    const body = options.answer(localAddress, exporter);
    if (body === null) {
      request.socket.destroy();
    } else if (request.method === 'GET' && request.url?.split('?')[0] === '/metrics') {
      response.writeHead(200, { 'content-type': EXPOSITION_TYPE }).end(body);
    } else {
      response.writeHead(404).end();
    }
  }

  function welcome(socket: Socket, exporter: Exporter): void {
    const address = socket.localAddress ?? '';
    if (!isReachable(address, exporter)) {
      socket.destroy();
      return;
    }
    const here = sockets.get(address) ?? new Set();
    sockets.set(address, here.add(socket));
    socket.once('close', () => {
      here.delete(socket);
      if (here.size === 0 && sockets.get(address) === here) sockets.delete(address);
    });
    http.emit('connection', socket);
  }

  async function listen(host: string, exporter: Exporter): Promise<void> {
    const key = `${host} ${exporter}`;
    const server = createServer((socket) => welcome(socket, exporter));
    listeners.set(key, server);
    try {
      await once(server.listen(ports[exporter], host), 'listening');
    } catch (error) {
      listeners.delete(key);
      throw error;
    }
  }

  function breakConnections(address: string): void {
    for (const socket of sockets.get(address) ?? []) socket.destroy();
  }

  async function stopListening(keys: readonly string[]): Promise<void> {
    const servers = keys.flatMap((key) => listeners.get(key) ?? []);
    for (const key of keys) listeners.delete(key);
    // The address is free as soon as `close` returns; connections that are being answered take longer.
    await Promise.all(servers.map((server) => once(server.close(), 'close')));
  }

  const doors: Doors = {
    open: async (address, exporter) => {
      if (options.listen === 'perAddress') await listen(address, exporter);
    },
    close: async (address) => {
      breakConnections(address);
      await stopListening([`${address} node`, `${address} ping`]);
    },
    breakConnections,
    closeAll: async () => {
      for (const address of sockets.keys()) breakConnections(address);
      await stopListening([...listeners.keys()]);
      http.closeAllConnections();
    },
  };
  if (options.listen === 'wildcard') {
    try {
      await listen(ANY_ADDRESS, 'node');
      await listen(ANY_ADDRESS, 'ping');
    } catch (error) {
      await doors.closeAll();
      throw error;
    }
  }
  return doors;
}
