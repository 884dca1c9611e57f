import { IN_PLACE, PER_PROBE, PROBE } from '../labels.ts';
import { crowd, over, unlessCrowd } from '../recording/over.ts';
import { PROBE_ANSWERS, PROBE_SETTLED, REGION_PROBES } from '../recording/probe.ts';
import type { AlertRule } from '../rule.ts';

const EXPORTER = `max without (instance, job) (up{probe_id!="",${IN_PLACE}})`;
const EXPORTER_KNOWN = `max without (instance, job) (max_over_time(up{probe_id!="",${IN_PLACE}}[10m]) == 1 or up{probe_id!="",${IN_PLACE}} offset 10m)`;

/** How old the list is of what should be there, by the worker that knows best. */
const EXPECTED_AGE = 'time() - max by (region) (innervisor_probe_expected_read_timestamp_seconds)';
const EXPECTED_AGE_SECONDS_MAX = 3_600;

/** Probes that are away, or don't measure all that they should. */
export const probeAlerts: readonly AlertRule[] = [
  {
    alert: 'InnervisorProbeDown',
    expr: `${over('down')} == 1\n${unlessCrowd('down')}`,
    for: '30s',
    severity: 'critical',
    scope: 'hypervisor',
    signal: 'probe',
    summary: 'The probe on {{ $labels.hypervisor }} ({{ $labels.region }}) is down',
    description:
      'None of its exporters answers Prometheus. Either the hypervisor is down, or its network, or only this one machine. The others on that hypervisor may be as badly off.',
  },
  {
    alert: 'InnervisorZoneProbesDown',
    expr: crowd('down', 'zone'),
    for: '30s',
    severity: 'critical',
    scope: 'zone',
    signal: 'probe',
    summary:
      '{{ $value | humanizePercentage }} of the probes in zone {{ $labels.availability_zone }} of {{ $labels.region }} are down',
    description:
      'Half of a zone or more does not answer Prometheus: power, a rack, or the way to its network.',
  },
  {
    alert: 'InnervisorRegionProbesDown',
    expr: crowd('down', 'region'),
    for: '30s',
    severity: 'critical',
    scope: 'region',
    signal: 'probe',
    summary: '{{ $value | humanizePercentage }} of the probes in {{ $labels.region }} are down',
    description:
      'Most of a region does not answer Prometheus: look at the way from Prometheus to the probes first, such as a router, a security group or a firewall, then at the region.',
  },
  {
    alert: 'InnervisorHypervisorUnmonitored',
    expr: `${over('unmonitored')} == 1\nunless on (region) ${crowd('unmonitored', 'region')}`,
    // A probe that is replaced where there is no room for two is away for as long as a build and a boot take.
    for: '15m',
    severity: 'warning',
    scope: 'hypervisor',
    signal: 'probe',
    summary: '{{ $labels.hypervisor }} ({{ $labels.region }}) should have a probe and has none',
    description: 'Nothing watches this hypervisor: no target of Prometheus is in place there.',
  },
  {
    alert: 'InnervisorRegionUnmonitored',
    expr: crowd('unmonitored', 'region'),
    for: '5m',
    severity: 'critical',
    scope: 'region',
    signal: 'probe',
    summary:
      '{{ $value | humanizePercentage }} of the hypervisors in {{ $labels.region }} have no probe in Prometheus',
    description: 'Most targets of a region are gone from Prometheus, so that nothing there can alert.',
  },
  {
    alert: 'InnervisorExporterDown',
    expr:
      `${EXPORTER} == 0\n` +
      `and on (${PROBE}) ${PROBE_ANSWERS} == 1\n` +
      `and on (${PROBE}, exporter) ${EXPORTER_KNOWN}`,
    for: '1m',
    severity: 'warning',
    scope: 'hypervisor',
    signal: 'probe',
    summary:
      'The {{ $labels.exporter }} exporter on {{ $labels.hypervisor }} ({{ $labels.region }}) is down, the other one answers',
    description: 'Half of what this probe measures is missing. The machine itself runs.',
  },
  {
    alert: 'InnervisorDiskNotReady',
    expr: `max ${PER_PROBE} (innervisor_disk_ready{${IN_PLACE}}) == 0\nand on (${PROBE}) ${PROBE_SETTLED}`,
    for: '10m',
    severity: 'warning',
    scope: 'hypervisor',
    signal: 'probe',
    summary: 'The disk of the probe on {{ $labels.hypervisor }} ({{ $labels.region }}) is not measured',
    description: 'The file that is measured could not be written for ten minutes: a full or a broken disk.',
  },
  {
    alert: 'InnervisorPingStuck',
    expr: `max ${PER_PROBE} (innervisor_ping_up{${IN_PLACE}}) == 0\nand on (${PROBE}) ${PROBE_SETTLED}`,
    for: '1m',
    severity: 'warning',
    scope: 'hypervisor',
    signal: 'probe',
    summary:
      'The probe on {{ $labels.hypervisor }} ({{ $labels.region }}) has no outcomes of its {{ $labels.group }} pings',
    description: 'fping neither hears answers nor gives up: the network is not measured from there.',
  },
  {
    alert: 'InnervisorExpectedUnknown',
    expr: `${REGION_PROBES} unless on (region) (${EXPECTED_AGE} < ${EXPECTED_AGE_SECONDS_MAX})`,
    for: '1h',
    severity: 'warning',
    scope: 'region',
    signal: 'probe',
    summary: 'Nobody says any more which hypervisors of {{ $labels.region }} should carry a probe',
    description:
      'A hypervisor there that has no probe is not told of. The {{ $value }} probes that there are go on being watched.',
    dashboard: 'innervisor-orchestrator',
  },
];
