import { PROBE } from '../labels.ts';
import { BAD_PAIR, badPairs, MESH_SIGNAL, type PairFault } from '../recording/blame.ts';
import { crowd, over, unlessCrowd } from '../recording/over.ts';
import type { AlertRule } from '../rule.ts';

/** More pairs than this are told as one. */
const PAIRS_MAX = 10;

interface Words {
  /** As in the alerts' names. */
  readonly name: string;
  /** What the packets do, and how a value is shown. */
  readonly does: string;
  readonly value: string;
}

const WORDS = {
  lossy: {
    name: 'Loss',
    does: 'lose packets',
    value: 'loses {{ $value | humanizePercentage }} of the packets',
  },
  slow: { name: 'Slow', does: 'are slow', value: 'needs {{ $value | humanizeDuration }} for a round trip' },
} as const satisfies Record<PairFault, Words>;

/** The local network: whose fault it is, as narrow as can be said. */
export const meshAlerts: readonly AlertRule[] = [...alertsOf('lossy'), ...alertsOf('slow')];

function alertsOf(fault: PairFault): readonly AlertRule[] {
  const signal = MESH_SIGNAL[fault];
  const { name, does, value } = WORDS[fault];
  const left = badPairs(fault, 'unexplained');
  const common = { signal: 'mesh', labels: { fault }, dashboard: 'innervisor-mesh' } as const;
  const crowdOf = {
    ...common,
    for: '30s',
    keepFiringFor: '1m',
    severity: fault === 'lossy' ? 'critical' : 'warning',
  } as const;
  return [
    {
      ...crowdOf,
      alert: `InnervisorHypervisorMesh${name}`,
      expr:
        `avg without (peer_id, peer_hypervisor, peer_zone) (${BAD_PAIR[fault]})\n` +
        `and on (${PROBE}) ${over(signal)} == 1\n${unlessCrowd(signal)}`,
      scope: 'hypervisor',
      summary: `The local network of {{ $labels.hypervisor }} ({{ $labels.region }}) ${value}`,
      description:
        'Most of the pairs that it is one end of are bad, whoever the other end is: its card, its cable, its switch port or its virtual switch.',
      dashboard: 'innervisor-hypervisor',
    },
    {
      ...crowdOf,
      alert: `InnervisorZoneMesh${name}`,
      expr: crowd(signal, 'zone'),
      scope: 'zone',
      summary: `{{ $value | humanizePercentage }} of the hypervisors in zone {{ $labels.availability_zone }} of {{ $labels.region }} ${does} in the local network`,
      description:
        'What these hypervisors share is to blame: a rack switch, its uplink, a network of the zone.',
    },
    {
      ...crowdOf,
      alert: `InnervisorRegionMesh${name}`,
      expr: crowd(signal, 'region'),
      scope: 'region',
      summary: `{{ $value | humanizePercentage }} of the hypervisors in {{ $labels.region }} ${does} in the local network`,
      description: 'The fabric of the region is to blame, or what overloads it.',
    },
    {
      ...crowdOf,
      alert: `InnervisorZonePair${name}`,
      expr: badPairs(fault, 'zone_cut'),
      scope: 'zone',
      summary: `{{ $value | humanizePercentage }} of the pairs between zones {{ $labels.availability_zone }} and {{ $labels.peer_zone }} of {{ $labels.region }} ${does}`,
      description: 'Both zones are well inside: the way between them is to blame.',
    },
    {
      ...common,
      alert: `InnervisorPair${name}`,
      expr: `${left}\nand on (region) count by (region) (${left}) <= ${PAIRS_MAX}`,
      for: '1m',
      keepFiringFor: '1m',
      severity: 'info',
      scope: 'pair',
      summary: `{{ $labels.hypervisor }} ${value} to {{ $labels.peer_hypervisor }} ({{ $labels.region }}), while both are well with others`,
      description: 'One way of many is bad, such as one member of a bundle or one of several equal paths.',
    },
    {
      ...common,
      alert: `InnervisorPairsScattered${name}`,
      expr: `count by (region) (${left}) > ${PAIRS_MAX}`,
      for: '1m',
      keepFiringFor: '1m',
      severity: 'warning',
      scope: 'region',
      summary: `{{ $value | humanize }} pairs of probes in {{ $labels.region }} ${does}, and no hypervisor or zone is to blame`,
      description: 'Scattered over the region: one of several equal paths is bad, or all are a little.',
    },
  ];
}
