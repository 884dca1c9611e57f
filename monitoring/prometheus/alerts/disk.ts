import { IN_PLACE, PER_PROBE, PROBE } from '../labels.ts';
import { DISK_SLOW, DISK_STALLS, DISK_STUCK } from '../recording/disk.ts';
import { crowd, unlessCrowd } from '../recording/over.ts';
import { PROBE_SETTLED } from '../recording/probe.ts';
import type { AlertRule } from '../rule.ts';

const UNLESS_CROWD = unlessCrowd('disk', ['storage_class']);

/** Slow storage: of one hypervisor, or of a storage class that many share. */
export const diskAlerts: readonly AlertRule[] = [
  {
    alert: 'InnervisorHypervisorDiskSlow',
    expr: `${DISK_SLOW}\n${UNLESS_CROWD}`,
    for: '30s',
    keepFiringFor: '1m',
    severity: 'warning',
    scope: 'hypervisor',
    signal: 'disk',
    summary:
      '{{ $value | humanizePercentage }} of the {{ $labels.operation }}s on {{ $labels.hypervisor }} ({{ $labels.region }}, {{ $labels.storage_class }}) take more than 10 ms',
    description: 'The storage is slow for this hypervisor and not for the others that use the same class.',
  },
  {
    alert: 'InnervisorHypervisorDiskStalls',
    expr: `${DISK_STALLS}\n${UNLESS_CROWD}`,
    for: '30s',
    keepFiringFor: '1m',
    severity: 'warning',
    scope: 'hypervisor',
    signal: 'disk',
    summary:
      'One in a hundred {{ $labels.operation }}s on {{ $labels.hypervisor }} ({{ $labels.region }}, {{ $labels.storage_class }}) takes {{ $value | humanizeDuration }} or more',
    description:
      'Most operations are quick and some hang: queues that fill, a disk that is dying, a path that flaps.',
  },
  {
    alert: 'InnervisorHypervisorDiskStuck',
    expr: `${DISK_STUCK}\n${UNLESS_CROWD}`,
    for: '15s',
    severity: 'critical',
    scope: 'hypervisor',
    signal: 'disk',
    summary:
      'No {{ $labels.operation }} on {{ $labels.hypervisor }} ({{ $labels.region }}, {{ $labels.storage_class }}) has ended for a minute',
    description: 'An operation hangs. Machines there will turn their file systems read-only or stop.',
  },
  {
    alert: 'InnervisorHypervisorDiskErrors',
    expr: `max ${PER_PROBE} (increase(innervisor_disk_errors_total{${IN_PLACE}}[5m])) > 2\nand on (${PROBE}) ${PROBE_SETTLED}`,
    for: '0s',
    severity: 'critical',
    scope: 'hypervisor',
    signal: 'disk',
    summary:
      '{{ $value | printf "%.0f" }} {{ $labels.operation }}s on {{ $labels.hypervisor }} ({{ $labels.region }}, {{ $labels.storage_class }}) failed in five minutes',
    description: 'The storage answers with errors. Data of the machines there may be at risk.',
  },
  {
    alert: 'InnervisorZoneStorageSlow',
    expr: crowd('disk', 'zone'),
    for: '30s',
    keepFiringFor: '1m',
    severity: 'critical',
    scope: 'zone',
    signal: 'disk',
    summary:
      'Storage {{ $labels.storage_class }} is slow for {{ $value | humanizePercentage }} of the hypervisors in zone {{ $labels.availability_zone }} of {{ $labels.region }}',
    description: 'The zone has a storage of its own, or its way to the shared one is slow.',
  },
  {
    alert: 'InnervisorStorageClassSlow',
    expr: crowd('disk', 'region'),
    for: '30s',
    keepFiringFor: '1m',
    severity: 'critical',
    scope: 'region',
    signal: 'disk',
    summary:
      'Storage {{ $labels.storage_class }} is slow for {{ $value | humanizePercentage }} of the hypervisors in {{ $labels.region }}',
    description: 'A storage that all share is slow everywhere: look at the storage, not at the hypervisors.',
  },
];
