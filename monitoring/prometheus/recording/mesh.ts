import { IN_PLACE, OVER_PEERS, PEER, PER_PEER, PER_PROBE, PER_ZONE_PAIR, PROBE } from '../labels.ts';
import type { RecordingRule } from '../rule.ts';
import { PROBE_SETTLED, PEER_ANSWERS } from './probe.ts';
import { limitRules, overThreshold } from './threshold.ts';

const MESH = `{kind="mesh",${IN_PLACE}}`;

/** Pairs that lose more than the threshold, with their loss. In good times there is no such series. */
export const LOSSY_PAIR = 'innervisor:mesh_loss_share:pair_rate1m';

/** Pairs whose mean round-trip time is over the limit, with that time. In good times there is no such series. */
export const SLOW_PAIR = 'innervisor:mesh_rtt_seconds:pair_mean1m';

/** How many peers of a probe answer Prometheus. */
export const ROW_PEERS = 'innervisor:mesh_peers:row';

/** How many probes ping a peer. */
export const COLUMN_PEERS = 'innervisor:mesh_peers:column';

/** How many pairs two zones have. */
export const ZONE_PAIRS = 'innervisor:mesh_peers:zone_pair';

/** The same within each zone. */
export const OWN_ZONE_PAIRS = 'innervisor:mesh_peers:own_zone';

const RTT_LIMIT = 'innervisor:limit:mesh_rtt_seconds';
const ZONES = 'region, availability_zone, peer_zone';
const REAL = `and on (${PEER}) ${PEER_ANSWERS}\n  and on (${PROBE}) ${PROBE_SETTLED}`;
const PINGED = `innervisor_ping_sent_total${MESH} and on (${PEER}) ${PEER_ANSWERS}`;
const PAIR_MEAN = `rate(innervisor_ping_rtt_seconds_sum${MESH}[1m]) / rate(innervisor_ping_rtt_seconds_count${MESH}[1m])`;

/** Which pairs there are, and which are bad: kept per pair only where something is wrong. */
export const pairRecording: readonly RecordingRule[] = [
  {
    record: ROW_PEERS,
    expr: `count ${OVER_PEERS} (${PINGED})\nand on (${PROBE}) ${PROBE_SETTLED}`,
    meaning: 'Peers that the probe pings and that answer Prometheus.',
  },
  {
    record: COLUMN_PEERS,
    expr: `count by (${PEER}) (${PINGED})`,
    meaning: 'Probes that ping the peer.',
  },
  {
    record: ZONE_PAIRS,
    expr: `count ${PER_ZONE_PAIR} (${PINGED})`,
    meaning: 'Pairs between two zones.',
  },
  {
    record: OWN_ZONE_PAIRS,
    expr:
      `${ZONE_PAIRS} and on (${ZONES})\n` +
      `  label_replace(count by (region, availability_zone) (${ZONE_PAIRS}), "peer_zone", "$1", "availability_zone", "(.*)")`,
    meaning: 'Pairs within a zone.',
  },
  {
    record: LOSSY_PAIR,
    expr:
      `max ${PER_PROBE} (\n  ` +
      overThreshold(
        `1 - rate(innervisor_ping_received_total${MESH}[1m]) / rate(innervisor_ping_sent_total${MESH}[1m])`,
        'mesh_loss_share',
      ) +
      `\n  ${REAL}\n)`,
    meaning: 'Loss of the pairs that lose more than the threshold; the others have no such series.',
  },
  {
    record: SLOW_PAIR,
    // The mean: a minute of one pair is too little for a percentile, and a long tail raises the mean as well.
    expr: `max ${PER_PROBE} (\n  ${PAIR_MEAN}\n  > on (${ZONES}) group_left () ${RTT_LIMIT}\n  ${REAL}\n)`,
    meaning: 'Mean time of the pairs that are over the limit of their zones; the others have no such series.',
  },
];

/** For people, and for what is usual; costs more, so it is made less often. */
export const meshOverview: readonly RecordingRule[] = [
  loss('row', OVER_PEERS, 'Loss of all that a probe pings.'),
  loss('column', PER_PEER, 'Loss of a peer, as all who ping it see it.'),
  loss('zone_pair', PER_ZONE_PAIR, 'Loss between two zones.'),
  {
    record: 'innervisor:mesh_loss_share:region_median',
    expr: 'quantile by (region) (0.5, innervisor:mesh_loss_share:row_rate1m)',
    meaning: "The median of the rows' loss.",
  },
  {
    record: 'innervisor:mesh_rtt_seconds_bucket:rate1m',
    expr: `sum ${OVER_PEERS} (rate(innervisor_ping_rtt_seconds_bucket${MESH}[1m]))`,
    meaning: 'The histogram of all that a probe pings: read once, for every percentile.',
  },
  ...([50, 99] as const).map((percent) => ({
    record: `innervisor:mesh_rtt_seconds:p${percent}_1m`,
    expr: `histogram_quantile(${percent / 100}, innervisor:mesh_rtt_seconds_bucket:rate1m) >= 0`,
    meaning: `Round-trip time of all that a probe pings: percentile ${percent}.`,
  })),
  {
    record: 'innervisor:mesh_rtt_seconds:p99_region_median',
    expr: 'quantile by (region) (0.5, innervisor:mesh_rtt_seconds:p99_1m)',
    meaning: "The median of the probes' 99th percentile.",
  },
  {
    record: 'innervisor:mesh_rtt_seconds:zone_pair_median',
    expr: `quantile ${PER_ZONE_PAIR} (0.5, (${PAIR_MEAN}) >= 0)`,
    meaning: "The median of the pairs' mean time between two zones.",
  },
  // Zones may lie far apart, so each two of them have a limit of their own.
  ...limitRules({
    median: 'innervisor:mesh_rtt_seconds:zone_pair_median',
    usual: 'innervisor:mesh_rtt_seconds:zone_pair_usual',
    limit: RTT_LIMIT,
    threshold: 'mesh_rtt_seconds',
    labels: ZONES,
  }),
];

function loss(part: string, grouping: string, meaning: string): RecordingRule {
  const sum = (what: string): string => `sum ${grouping} (rate(innervisor_ping_${what}_total${MESH}[1m]))`;
  return {
    record: `innervisor:mesh_loss_share:${part}_rate1m`,
    expr: `1 - ${sum('received')}\n  / (${sum('sent')} > 0)`,
    meaning,
  };
}
