import type { RegionConfig } from '../../config/index.ts';
import { compareText, type PeersDocument } from '../../domain/document.ts';
import { readPeers } from './peers.ts';
import { listTargets, type ShownTarget } from './targets.ts';

/** A probe as others know it: its peers by the list in S3, Prometheus by its targets. */
export interface ShownProbe {
  readonly hypervisor: string;
  readonly probeId: string;
  /** `null` where Prometheus doesn't scrape it. */
  readonly name: string | null;
  /** `null` where the list of peers doesn't name it. */
  readonly address: string | null;
  readonly serverId: string | null;
  readonly availabilityZone: string | null;
  readonly displaced: boolean;
  readonly exporters: readonly Pick<ShownTarget, 'exporter' | 'health' | 'lastError' | 'lastScrape'>[];
}

/** The published probes of a region. */
export interface ShownProbes {
  readonly region: string;
  /** Of the list of peers; `null` before there is one. */
  readonly generation: number | null;
  /** Sorted by hypervisor. */
  readonly probes: readonly ShownProbe[];
}

/** Reads the list of peers and asks Prometheus, and puts together what they say of each probe. */
export async function listProbes(region: string, config: RegionConfig): Promise<ShownProbes> {
  const [document, targets] = await Promise.all([readPeers(region, config), listTargets(region, config)]);
  return { region, generation: document?.generation ?? null, probes: joinProbes(document, targets) };
}

/** Each probe that either of the two knows, once. */
export function joinProbes(
  document: PeersDocument | undefined,
  targets: readonly ShownTarget[],
): readonly ShownProbe[] {
  const peers = new Map((document?.peers ?? []).map((peer) => [peer.probe_id, peer]));
  const scraped = Map.groupBy(targets, ({ probeId }) => probeId);
  return [...new Set([...peers.keys(), ...scraped.keys()])]
    .map((probeId): ShownProbe => {
      const [peer, own = []] = [peers.get(probeId), scraped.get(probeId)];
      return {
        hypervisor: peer?.hypervisor ?? own[0]?.hypervisor ?? '',
        probeId,
        name: own[0]?.probe ?? null,
        address: peer?.address ?? null,
        serverId: peer?.server_id ?? null,
        availabilityZone: peer?.availability_zone ?? null,
        displaced: own.some(({ displaced }) => displaced),
        exporters: own.map(({ exporter, health, lastError, lastScrape }) => ({
          exporter,
          health,
          lastError,
          lastScrape,
        })),
      };
    })
    .toSorted((a, b) => compareText(a.hypervisor, b.hypervisor) || compareText(a.probeId, b.probeId));
}
