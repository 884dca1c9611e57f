import { IN_PLACE, PER_PROBE, PROBE } from '../labels.ts';
import { UNCONFIRMED } from '../recording/agent.ts';
import { crowd, over } from '../recording/over.ts';
import { PROBE_SETTLED } from '../recording/probe.ts';
import { threshold } from '../recording/threshold.ts';
import type { AlertRule } from '../rule.ts';

const LISTED = `(max ${PER_PROBE} (innervisor_agent_peers_listed{${IN_PLACE}}) - 1)`;
const PINGED = `2 * max ${PER_PROBE} (innervisor_ping_peers{${IN_PLACE}})`;

/** Whether the probes know each other. */
export const agentAlerts: readonly AlertRule[] = [
  {
    alert: 'InnervisorPeersStale',
    expr: `${UNCONFIRMED}\nand on (${PROBE}) ${over('stale')} == 1\nunless on (region) ${crowd('stale', 'region')}`,
    for: '1m',
    severity: 'warning',
    scope: 'hypervisor',
    signal: 'agent',
    summary:
      'The probe on {{ $labels.hypervisor }} ({{ $labels.region }}) has not confirmed its peers list for {{ $value | humanizeDuration }}',
    description:
      'It goes on with the last good list and so may ping machines that are gone, and not ping new ones.',
  },
  {
    alert: 'InnervisorRegionPeersStale',
    expr: crowd('stale', 'region'),
    for: '1m',
    severity: 'critical',
    scope: 'region',
    signal: 'agent',
    summary:
      '{{ $value | humanizePercentage }} of the probes in {{ $labels.region }} can no longer confirm their peers list',
    description: 'The list itself, its signature, or the way to the store that it lies in is broken for all.',
  },
  {
    alert: 'InnervisorPeersNotLoaded',
    expr:
      `max ${PER_PROBE} (innervisor_ping_peers_load_ok{${IN_PLACE}}) == 0\n` +
      `or max without (instance, job, exporter, result) (innervisor_agent_last_result{result="reload_failed",${IN_PLACE}}) - 1 == 0`,
    for: '1m',
    severity: 'warning',
    scope: 'hypervisor',
    signal: 'agent',
    summary:
      'The exporter on {{ $labels.hypervisor }} ({{ $labels.region }}) does not take over the new peers list',
    description:
      'The agent has a good list, and the exporter that should ping by it goes on with the one before.',
  },
  {
    alert: 'InnervisorMeshBlind',
    // Fewer than half of those whom it should ping: all others, or as many as the watchers that each one has.
    expr:
      `${PINGED} < ${LISTED}\n` +
      `and ${PINGED} < on (region) group_left () ${threshold('watchers')}\n` +
      `and on (${PROBE}) ${PROBE_SETTLED}`,
    for: '2m',
    severity: 'warning',
    scope: 'hypervisor',
    signal: 'agent',
    summary:
      'The probe on {{ $labels.hypervisor }} ({{ $labels.region }}) pings fewer than half of the peers that it should ping',
    description: 'Faults of the local network may stay unseen there.',
    dashboard: 'innervisor-mesh',
  },
];
