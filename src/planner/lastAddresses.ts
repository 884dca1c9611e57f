import type { Peer } from '../domain/document.ts';
import type { Probe } from '../domain/probe.ts';

/**
 * Where probes were published of which Nova shows no address now, by server id. One that another probe has by now is
 * left out: what answers there is that other one.
 */
export function listLastAddresses(
  published: readonly Peer[],
  probes: readonly Probe[],
): ReadonlyMap<string, string> {
  const taken = new Set(probes.map(({ address }) => address));
  const bare = new Set(probes.filter(({ address }) => address === null).map(({ serverId }) => serverId));
  return new Map(
    published
      .filter(({ server_id, address }) => bare.has(server_id) && !taken.has(address))
      .map(({ server_id, address }) => [server_id, address]),
  );
}
