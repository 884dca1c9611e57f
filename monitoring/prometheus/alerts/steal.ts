import { PROBE } from '../labels.ts';
import { crowd, over, unlessCrowd } from '../recording/over.ts';
import { STEAL_SHARE } from '../recording/steal.ts';
import type { AlertRule } from '../rule.ts';

/** Overloaded hypervisors. */
export const stealAlerts: readonly AlertRule[] = [
  {
    alert: 'InnervisorHypervisorSteal',
    expr: `${STEAL_SHARE}\nand on (${PROBE}) ${over('steal')} == 1\n${unlessCrowd('steal')}`,
    for: '30s',
    keepFiringFor: '1m',
    severity: 'warning',
    scope: 'hypervisor',
    signal: 'steal',
    summary:
      '{{ $labels.hypervisor }} ({{ $labels.region }}) is overloaded: machines there wait for {{ $value | humanizePercentage }} of the CPU time that they ask for',
    description:
      'More CPU is asked for on this hypervisor than it has. Everything on it is slower, whatever the machines themselves show.',
  },
  {
    alert: 'InnervisorZoneSteal',
    expr: crowd('steal', 'zone'),
    for: '30s',
    keepFiringFor: '1m',
    severity: 'critical',
    scope: 'zone',
    signal: 'steal',
    summary:
      '{{ $value | humanizePercentage }} of the hypervisors in zone {{ $labels.availability_zone }} of {{ $labels.region }} are overloaded',
    description: 'The zone is short of CPU, or something runs on all of its hypervisors at once.',
  },
  {
    alert: 'InnervisorRegionSteal',
    expr: crowd('steal', 'region'),
    for: '30s',
    keepFiringFor: '1m',
    severity: 'critical',
    scope: 'region',
    signal: 'steal',
    summary: '{{ $value | humanizePercentage }} of the hypervisors in {{ $labels.region }} are overloaded',
    description: 'The region is short of CPU, or something runs on all of its hypervisors at once.',
  },
];
