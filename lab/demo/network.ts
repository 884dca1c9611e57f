import { randomInt } from 'node:crypto';
import { freePorts, isFreePort } from '../servers/port.ts';

/** Ports that the exporters have in a real probe. */
const KNOWN_PORTS = { node: 9100, ping: 9374 } as const;

/** A piece of the loopback range for the probes' addresses, so that two runs at once don't meet. */
export interface ProbeNetwork {
  readonly cidr: string;
  readonly ports: { readonly node: number; readonly ping: number };
}

/** Draws a network of 1,022 addresses; a namespace of one's own has room for 65,534. */
export async function drawNetwork(inNamespace: boolean): Promise<ProbeNetwork> {
  if (inNamespace) return { cidr: '127.64.0.0/16', ports: KNOWN_PORTS };
  const base = `127.${randomInt(16, 240)}.${4 * randomInt(64)}`;
  const [node, ping] = await freePorts(2);
  if (node === undefined || ping === undefined) throw new TypeError('two ports were asked for');
  // Somebody's own exporter may listen on every address of this machine.
  const usual = await Promise.all(Object.values(KNOWN_PORTS).map((port) => isFreePort(port, `${base}.1`)));
  return { cidr: `${base}.0/22`, ports: usual.every(Boolean) ? KNOWN_PORTS : { node, ping } };
}
