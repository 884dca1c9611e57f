import { IN_PLACE, OVER_TARGETS, PER_PROBE, PROBE } from '../labels.ts';
import type { RecordingRule } from '../rule.ts';
import { crowdRules, MAJORITY, over } from './over.ts';
import { PROBE_SETTLED } from './probe.ts';
import { limitRules, overThreshold } from './threshold.ts';

const PUBLIC = `{kind="public",${IN_PLACE}}`;
const SETTLED = `and on (${PROBE}) ${PROBE_SETTLED}`;
const TARGET = 'region, target';

/** Loss over all targets of a probe. */
export const PUBLIC_LOSS = 'innervisor:public_loss_share:rate1m';

/** The median of the round-trip time over all targets of a probe. */
export const PUBLIC_P50 = 'innervisor:public_rtt_seconds:p50_1m';

/** Loss by probe and target. */
export const TARGET_LOSS = 'innervisor:public_loss_share:target_rate1m';

/** Mean round-trip time by probe and target. */
export const TARGET_RTT = 'innervisor:public_rtt_seconds:target_mean1m';

/** Loss of a target that nine tenths of its region see, or more. */
export const TARGET_LOSS_COMMON = 'innervisor:public_loss_share:target_region_common';

/** Above it, the way to a target is slow; by region and target. */
export const PUBLIC_RTT_LIMIT = 'innervisor:limit:public_rtt_seconds';

/** Share of a probe's public targets that are lossy or slow. */
export function badTargets(fault: 'lossy' | 'slow'): string {
  return `innervisor:public_${fault}_targets:share`;
}

/** The way out of the region: most of a probe's targets must be bad, since one may be down itself. */
export const publicRecording: readonly RecordingRule[] = [
  {
    record: TARGET_LOSS,
    expr:
      `max ${PER_PROBE} (\n` +
      `  1 - rate(innervisor_ping_received_total${PUBLIC}[1m]) / (rate(innervisor_ping_sent_total${PUBLIC}[1m]) > 0)\n` +
      `)\n${SETTLED}`,
    meaning: 'Loss by probe and target.',
  },
  {
    record: TARGET_RTT,
    expr:
      `max ${PER_PROBE} (\n` +
      `  rate(innervisor_ping_rtt_seconds_sum${PUBLIC}[1m]) / (rate(innervisor_ping_rtt_seconds_count${PUBLIC}[1m]) > 0)\n` +
      `)\n${SETTLED}`,
    meaning: 'Mean round-trip time by probe and target.',
  },
  {
    record: PUBLIC_LOSS,
    expr: `avg without (target) (${TARGET_LOSS})`,
    meaning: 'Loss over all targets of a probe.',
  },
  ...([50, 99] as const).map((percent) => ({
    record: `innervisor:public_rtt_seconds:p${percent}_1m`,
    expr: `histogram_quantile(\n  ${percent / 100}, sum ${OVER_TARGETS} (rate(innervisor_ping_rtt_seconds_bucket${PUBLIC}[1m]))\n) >= 0\n${SETTLED}`,
    meaning: `Round-trip time over all targets of a probe: percentile ${percent}.`,
  })),
  {
    record: 'innervisor:public_loss_share:region_median',
    expr: `quantile by (region) (0.5, ${PUBLIC_LOSS})`,
    meaning: 'Loss that is usual in the region now.',
  },
  {
    record: 'innervisor:public_rtt_seconds:p99_region_median',
    expr: 'quantile by (region) (0.5, innervisor:public_rtt_seconds:p99_1m)',
    meaning: "The median of the probes' 99th percentile.",
  },
  {
    record: TARGET_LOSS_COMMON,
    expr: `quantile by (${TARGET}) (0.1, ${TARGET_LOSS})`,
    meaning: 'Loss of a target that nine tenths of the region see, or more.',
  },
  {
    record: 'innervisor:public_rtt_seconds:target_region_median',
    expr: `quantile by (${TARGET}) (0.5, ${TARGET_RTT})`,
    meaning: 'Mean round-trip time to a target that is usual in the region now.',
  },
  {
    record: badTargets('lossy'),
    expr: `avg without (target) (${overThreshold(TARGET_LOSS, 'public_loss_share', 'bool ')})`,
    meaning: "Share of the probe's targets that lose more than the threshold.",
  },
  {
    record: badTargets('slow'),
    expr: `avg without (target) (${TARGET_RTT}\n  > bool on (${TARGET}) group_left () ${PUBLIC_RTT_LIMIT})`,
    meaning: "Share of the probe's targets that answer later than the limit.",
  },
  {
    record: over('public_loss'),
    expr: `${badTargets('lossy')} > bool ${MAJORITY}`,
    meaning: "Whether most of the probe's targets lose more than the threshold.",
  },
  ...crowdRules('public_loss'),
  {
    record: over('public_slow'),
    expr: `${badTargets('slow')} > bool ${MAJORITY}`,
    meaning: "Whether most of the probe's targets answer later than the limit.",
  },
  ...crowdRules('public_slow'),
];

/** What is usual for a target, which may be far away, and the limit. */
export const publicLimit = limitRules({
  median: 'innervisor:public_rtt_seconds:target_region_median',
  usual: 'innervisor:public_rtt_seconds:target_region_usual',
  limit: PUBLIC_RTT_LIMIT,
  threshold: 'public_rtt_seconds',
  labels: TARGET,
});
