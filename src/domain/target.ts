import { compareText, type PublishedProbe } from './document.ts';

/** One group of Prometheus' file and HTTP service discovery. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/** How a region's targets are labelled and on which ports its exporters listen. */
export interface TargetPolicy {
  readonly region: string;
  /** Exporter name, such as `node`, to port. */
  readonly ports: Readonly<Record<string, number>>;
  /** Added by configuration; they never collide with ours. */
  readonly labels: Readonly<Record<string, string>>;
}

/** One group per probe and exporter, sorted, for exactly the probes of the roster. */
export function computeTargets(
  roster: readonly PublishedProbe[],
  policy: TargetPolicy,
): readonly TargetGroup[] {
  const ports = Object.entries(policy.ports).toSorted(([a], [b]) => compareText(a, b));
  return roster
    .toSorted((a, b) => compareText(a.probeId, b.probeId))
    .flatMap((probe) =>
      ports.map(([exporter, port]) => ({
        targets: [targetAddress(probe.address, port)],
        labels: {
          ...policy.labels,
          availability_zone: probe.availabilityZone ?? '',
          ...(probe.displaced ? { displaced: 'true' } : {}),
          exporter,
          hypervisor: probe.hypervisor,
          probe: probe.name,
          probe_id: probe.probeId,
          region: policy.region,
        },
      })),
    );
}

/** `address:port`, with the brackets that an IPv6 literal needs. */
export function targetAddress(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
