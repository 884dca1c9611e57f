import { IN_PLACE, PER_PROBE, PROBE } from '../labels.ts';
import type { RecordingRule } from '../rule.ts';
import { crowdRules, over } from './over.ts';
import { PROBE_SETTLED } from './probe.ts';
import { limitRules } from './threshold.ts';

/** Share of the operations that took more than 10 ms, by `operation`. */
export const DISK_SLOW_SHARE = 'innervisor:disk_slow_share:rate1m';

/** 99th percentile, by `operation`. */
export const DISK_P99 = 'innervisor:disk_latency_seconds:p99_1m';

/** Operations a second, by `operation`; about one where the disk is well. */
export const DISK_OPERATIONS = 'innervisor:disk_operations:rate1m';

const CLASS = 'region, storage_class, operation';

/** Above it, a disk is slower than the threshold and than is usual for its storage class. */
export const DISK_SHARE_LIMIT = 'innervisor:limit:disk_slow_share';
const P99_LIMIT = 'innervisor:limit:disk_p99_seconds';

/** Slow: often more than 10 ms. */
export const DISK_SLOW = `${DISK_SLOW_SHARE} > on (${CLASS}) group_left () ${DISK_SHARE_LIMIT}`;

/** Stalls: the 99th percentile of sixty operations is the slowest one, so more than two must be slow. */
export const DISK_STALLS = `${DISK_P99} > on (${CLASS}) group_left () ${P99_LIMIT}\nand ${DISK_SLOW_SHARE} > 0.04`;

/** Stuck: an operation that never ends is in no histogram. */
export const DISK_STUCK = `${DISK_OPERATIONS} == 0\nand on (${PROBE}) innervisor_disk_ready{${IN_PLACE}} == 1`;

/** Latency of the storage under the probes. */
export const diskRecording: readonly RecordingRule[] = [
  {
    record: DISK_OPERATIONS,
    expr:
      `max ${PER_PROBE} (rate(innervisor_disk_latency_seconds_count{${IN_PLACE}}[1m]))\n` +
      `and on (${PROBE}) ${PROBE_SETTLED}`,
    meaning: 'Operations a second; 0 while one is stuck.',
  },
  {
    record: DISK_SLOW_SHARE,
    expr:
      `max ${PER_PROBE} (\n` +
      `  1 - rate(innervisor_disk_latency_seconds_bucket{le="0.01",${IN_PLACE}}[1m])\n` +
      `    / ignoring (le) (rate(innervisor_disk_latency_seconds_count{${IN_PLACE}}[1m]) > 0)\n` +
      `)\nand on (${PROBE}) ${PROBE_SETTLED}`,
    meaning: 'Share of the operations that took more than 10 ms.',
  },
  {
    record: DISK_P99,
    expr:
      'histogram_quantile(\n' +
      `  0.99, max ${PER_PROBE} (rate(innervisor_disk_latency_seconds_bucket{${IN_PLACE}}[1m]))\n` +
      `) >= 0\nand on (${PROBE}) ${PROBE_SETTLED}`,
    meaning: 'The 99th percentile of the time of one operation.',
  },
  {
    record: 'innervisor:disk_slow_share:region_median',
    expr: `quantile by (${CLASS}) (0.5, ${DISK_SLOW_SHARE})`,
    meaning: 'What is usual for the storage class in the region now.',
  },
  {
    record: 'innervisor:disk_latency_seconds:p99_region_median',
    expr: `quantile by (${CLASS}) (0.5, ${DISK_P99})`,
    meaning: 'The 99th percentile that is usual for the storage class in the region now.',
  },
  {
    record: over('disk'),
    expr:
      'max without (operation) (\n' +
      `  (${DISK_SLOW}) * 0 + 1\n` +
      `  or (${DISK_STALLS}) * 0 + 1\n` +
      `  or (${DISK_STUCK}) * 0 + 1\n` +
      `  or ${DISK_OPERATIONS} * 0\n)`,
    meaning: 'Whether reads or writes are slow, stall or are stuck.',
  },
  ...crowdRules('disk', ['storage_class']),
];

/** What is usual for a storage class, and the limits. */
export const diskLimits = [
  ...limitRules({
    median: 'innervisor:disk_slow_share:region_median',
    usual: 'innervisor:disk_slow_share:region_usual',
    limit: DISK_SHARE_LIMIT,
    threshold: 'disk_slow_share',
    labels: CLASS,
  }),
  ...limitRules({
    median: 'innervisor:disk_latency_seconds:p99_region_median',
    usual: 'innervisor:disk_latency_seconds:p99_region_usual',
    limit: P99_LIMIT,
    threshold: 'disk_p99_seconds',
    labels: CLASS,
  }),
];
