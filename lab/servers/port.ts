import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Gives loopback ports that were free a moment ago, all different.
 *
 * Another process may take one before it is used: `launch` then tries others.
 */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map(portOf);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Gives the preferred ports where they are free, and free ones for the rest. */
export async function choosePorts(count: number, preferred: readonly number[]): Promise<number[]> {
  const kept: (number | undefined)[] = [];
  for (const port of preferred.slice(0, count)) kept.push((await isFreePort(port)) ? port : undefined);
  const others = await freePorts(count - kept.filter((port) => port !== undefined).length);
  return Array.from({ length: count }, (_, index) => kept[index] ?? (others.pop() as number));
}

/** Whether nobody listens on this port of any loopback address. */
export async function isFreePort(port: number, address = '127.0.0.1'): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, address);
    await once(server, 'listening');
    await once(server.close(), 'close');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES'))
      return false;
    throw error;
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port');
  return address.port;
}
