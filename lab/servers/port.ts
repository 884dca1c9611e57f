import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below those that Linux hands out by itself, from 32768 on by default (`ip_local_port_range`): a server that is down for a
 * moment would not get its port back once another one had been handed it.
 */
const PORTS = { lowest: 10_000, highest: 32_767 };

/**
 * Gives loopback ports that were free a moment ago, all different.
 *
 * Another process may take one before it is used: `launch` then tries others.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(PORTS.lowest, PORTS.highest + 1);
    if (await isFreePort(port)) ports.add(port);
  }
  return [...ports];
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
