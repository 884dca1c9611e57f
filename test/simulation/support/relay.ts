import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** An address that stays while what is behind it goes and comes. */
export interface Relay extends AsyncDisposable {
  readonly url: string;
  /** Passes new connections to this address from now on. */
  pointTo(url: string): void;
  /**
   * Keeps back the next answer to a request that begins so (`/^PUT .*peers/`), after it had its effect: the connection
   * breaks or, where there is a status, a proxy's page with it comes instead.
   */
  loseAnswer(request: RegExp, status?: number): void;
}

interface Loss {
  readonly request: RegExp;
  readonly status: number | undefined;
}

/** Listens on a loopback port and passes connections on; where nobody answers, they break. */
export async function startRelay(target: string): Promise<Relay> {
  let { port } = new URL(target);
  const sockets = new Set<Socket>();
  let awaited: Loss | undefined;
  const server = createServer((socket) => {
    const upstream = connect(Number(port), '127.0.0.1');
    for (const end of [socket, upstream]) {
      sockets.add(end);
      end.on('error', () => end.destroy());
      end.once('close', () => {
        sockets.delete(end);
        socket.destroy();
        upstream.destroy();
      });
    }
    let lost: Loss | undefined;
    socket.on('data', (chunk) => {
      if (awaited?.request.test(chunk.toString('latin1')) !== true) return;
      [lost, awaited] = [awaited, undefined];
    });
    socket.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      if (lost === undefined) return void socket.write(chunk);
      // This one asks for the body of a request, which has had no effect yet.
      if (chunk.toString('latin1').startsWith('HTTP/1.1 100')) return void socket.write(chunk);
      if (lost.status === undefined) return void socket.resetAndDestroy();
      socket.end(`HTTP/1.1 ${lost.status} Lost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      upstream.destroy();
    });
    upstream.on('end', () => socket.end());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    pointTo: (url) => {
      ({ port } = new URL(url));
    },
    loseAnswer: (request, status) => {
      awaited = { request, status };
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}
