/** One probe as others may rely on it: published to Prometheus and to its peers. */
export interface PublishedProbe {
  readonly probeId: string;
  readonly serverId: string;
  readonly name: string;
  readonly address: string;
  /** Nova's current host of the probe: a label never lies, also when the probe is not where it belongs. */
  readonly hypervisor: string;
  /** The hypervisor that it was made for. */
  readonly madeFor: string;
  readonly availabilityZone: string | null;
  /** Runs elsewhere than it should or is on its way; rules about hypervisors leave it out. */
  readonly displaced: boolean;
}

/** The document that each probe pulls from S3. `server_id` and `made_for` are for later passes. */
export interface PeersDocument {
  readonly schema: 1;
  readonly installation: string;
  readonly region: string;
  /** Only grows; agents refuse an older one. */
  readonly generation: number;
  readonly peers: readonly Peer[];
}

/** One entry of the peers document. */
export interface Peer {
  readonly probe_id: string;
  readonly server_id: string;
  readonly address: string;
  readonly hypervisor: string;
  /** The hypervisor that it was made for, of a displaced one only; older workers leave it out. */
  readonly made_for?: string;
  readonly availability_zone: string | null;
}

/** The peers for a roster, sorted by probe id so that equal sets give equal documents. */
export function computePeers(roster: readonly PublishedProbe[]): readonly Peer[] {
  return roster
    .map((probe) => ({
      probe_id: probe.probeId,
      server_id: probe.serverId,
      address: probe.address,
      hypervisor: probe.hypervisor,
      ...(probe.displaced ? { made_for: probe.madeFor } : {}),
      availability_zone: probe.availabilityZone,
    }))
    .toSorted((a, b) => compareText(a.probe_id, b.probe_id));
}

/** Orders texts by code unit, independent of the machine's locale. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
