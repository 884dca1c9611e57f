import { compareText, type PublishedProbe } from './document.ts';

/** One group of Prometheus' file and HTTP service discovery. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * Says whose a target is. Prometheus shows such a label among the discovered ones and gives it to no series:
 * https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config
 */
const OWNER_LABEL = '__meta_innervisor_installation';

/** Whose targets are meant. */
export interface TargetOwner {
  readonly installation: string;
  readonly region: string;
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
  installation: string,
): readonly TargetGroup[] {
  const ports = Object.entries(policy.ports).toSorted(([a], [b]) => compareText(a, b));
  return roster
    .toSorted((a, b) => compareText(a.probeId, b.probeId))
    .flatMap((probe) =>
      ports.map(([exporter, port]) => ({
        targets: [targetAddress(probe.address, port)],
        labels: {
          ...policy.labels,
          [OWNER_LABEL]: installation,
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

/** The labels that say whose a target is; `installation` is absent from what an older version or a person wrote. */
export function readOwner(labels: TargetGroup['labels']): Partial<TargetOwner> {
  const { region, [OWNER_LABEL]: installation } = labels;
  return {
    ...(installation === undefined ? {} : { installation }),
    ...(region === undefined ? {} : { region }),
  };
}

/** Whether a target is of this installation and region, as far as its labels say. */
export function isOwnedBy(labels: TargetGroup['labels'], owner: TargetOwner): boolean {
  const { installation, region } = readOwner(labels);
  return region === owner.region && (installation === undefined || installation === owner.installation);
}

/**
 * One text for a target as published and as Prometheus discovered it: its address and the labels that we give.
 * Prometheus adds `job` and labels that begin with `__`, and drops those without a value.
 */
export function identifyTarget(address: string, labels: TargetGroup['labels']): string {
  const ours = Object.entries(labels)
    .filter(
      ([name, value]) => value !== '' && name !== 'job' && !(name.startsWith('__') && name !== OWNER_LABEL),
    )
    .toSorted(([a], [b]) => compareText(a, b));
  return JSON.stringify([address, ours]);
}
