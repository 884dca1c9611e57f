import { PROBE } from '../labels.ts';
import { crowd, CROWD_MIN, MAJORITY, over, unlessCrowd } from '../recording/over.ts';
import { REGION_PROBES } from '../recording/probe.ts';
import { PUBLIC_LOSS, PUBLIC_P50, TARGET_LOSS_COMMON } from '../recording/public.ts';
import { overThreshold, threshold } from '../recording/threshold.ts';
import type { AlertRule } from '../rule.ts';

/**
 * Where traffic leaves through a central gateway, a hypervisor has no way of its own that could be bad. A region that is
 * too small to be alerted about as such is told by its hypervisors all the same.
 */
const DISTRIBUTED = `and on (region) (${threshold('public_distributed')} == 1 or on (region) ${REGION_PROBES} < ${CROWD_MIN})`;

/** The way out of the region. */
export const publicAlerts: readonly AlertRule[] = [
  ...alertsOf({
    name: 'Loss',
    signal: 'public_loss',
    fault: 'lossy',
    value: PUBLIC_LOSS,
    says: 'loses {{ $value | humanizePercentage }} of the packets to the Internet',
    does: 'lose packets to the Internet',
    severity: 'critical',
    follows: 'mesh_loss',
  }),
  ...alertsOf({
    name: 'Slow',
    signal: 'public_slow',
    fault: 'slow',
    value: PUBLIC_P50,
    says: 'needs {{ $value | humanizeDuration }} for a round trip to the Internet',
    does: 'have a slow way to the Internet',
    severity: 'warning',
  }),
  {
    alert: 'InnervisorPublicTargetDown',
    // Where most targets are lost from everywhere, it is the way out, which has alerts of its own.
    expr:
      `${overThreshold(TARGET_LOSS_COMMON, 'public_loss_share')}\n` +
      `and on (region) avg by (region) (${overThreshold(TARGET_LOSS_COMMON, 'public_loss_share', 'bool ')}) <= ${MAJORITY}`,
    for: '2m',
    keepFiringFor: '1m',
    severity: 'info',
    scope: 'region',
    signal: 'public',
    summary:
      'The public target {{ $labels.target }} loses {{ $value | humanizePercentage }} of the packets from everywhere in {{ $labels.region }}',
    description:
      'The other targets answer, so it is the target and not the way out. Until it is well, fewer targets tell about the way.',
  },
];

interface Words {
  readonly name: string;
  readonly signal: string;
  readonly fault: 'lossy' | 'slow';
  /** What the alert of one hypervisor shows. */
  readonly value: string;
  readonly says: string;
  readonly does: string;
  readonly severity: 'critical' | 'warning';
  /** A signal of the local network that explains this one and has alerts of its own. */
  readonly follows?: string;
}

function alertsOf({
  name,
  signal,
  fault,
  value,
  says,
  does,
  severity,
  follows,
}: Words): readonly AlertRule[] {
  const common = { for: '30s', keepFiringFor: '1m', signal: 'public', labels: { fault } } as const;
  const unless = (labels: string, explained: (by: string) => string): string =>
    follows === undefined ? '' : `\nunless on (${labels}) ${explained(follows)}`;
  return [
    {
      ...common,
      alert: `InnervisorHypervisorPublic${name}`,
      expr:
        `${value}\nand on (${PROBE}) ${over(signal)} == 1\n${unlessCrowd(signal)}\n${DISTRIBUTED}` +
        unless(PROBE, (by) => `${over(by)} == 1`),
      severity: 'warning',
      scope: 'hypervisor',
      summary: `{{ $labels.hypervisor }} ({{ $labels.region }}) ${says}`,
      description: "Most public targets are affected from there alone: this hypervisor's own way out.",
    },
    {
      ...common,
      alert: `InnervisorZonePublic${name}`,
      expr:
        `${crowd(signal, 'zone')}\n${DISTRIBUTED}` +
        unless('region, availability_zone', (by) => crowd(by, 'zone')) +
        unless('region', (by) => crowd(by, 'region')),
      severity,
      scope: 'zone',
      summary: `{{ $value | humanizePercentage }} of the hypervisors in zone {{ $labels.availability_zone }} of {{ $labels.region }} ${does}`,
      description: "The zone's own way out is affected, not that of the region.",
    },
    {
      ...common,
      alert: `InnervisorRegionPublic${name}`,
      expr: crowd(signal, 'region') + unless('region', (by) => crowd(by, 'region')),
      severity,
      scope: 'region',
      summary: `{{ $value | humanizePercentage }} of the hypervisors in {{ $labels.region }} ${does}`,
      description:
        "The region's uplink, its gateway or its provider is affected. No single hypervisor is to blame.",
    },
  ];
}
