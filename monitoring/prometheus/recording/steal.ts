import { IN_PLACE, PER_PROBE, PROBE } from '../labels.ts';
import type { RecordingRule } from '../rule.ts';
import { crowdRules, over } from './over.ts';
import { PROBE_SETTLED } from './probe.ts';
import { limitRules } from './threshold.ts';

/** Share of the demanded time that was stolen, in the last minute. */
export const STEAL_SHARE = 'innervisor:steal_share:rate1m';

/** Above it, a hypervisor steals more than the region's threshold and than is usual there. */
export const STEAL_LIMIT = 'innervisor:limit:steal_share';

/** Stolen time, as a share of what was demanded: of wall time it would be next to nothing on an idle probe. */
export const stealRecording: readonly RecordingRule[] = [
  {
    record: STEAL_SHARE,
    expr:
      `max ${PER_PROBE} (\n` +
      `  rate(innervisor_steal_stolen_seconds_total{${IN_PLACE}}[1m])\n` +
      `  / rate(innervisor_steal_demanded_seconds_total{${IN_PLACE}}[1m])\n` +
      `)\nand on (${PROBE}) ${PROBE_SETTLED}`,
    meaning: 'Share of the time that the probe wanted to run and was not let.',
  },
  {
    record: 'innervisor:steal_witness_share:rate5m',
    // Few ticks a minute on an idle machine, so it looks back for longer.
    expr:
      `max ${PER_PROBE} (\n` +
      `  rate(innervisor_steal_witness_stolen_seconds_total{${IN_PLACE}}[5m])\n` +
      `  / rate(innervisor_steal_witness_demanded_seconds_total{${IN_PLACE}}[5m])\n` +
      `  and on (${PROBE}) innervisor_steal_supported == 1\n` +
      `)\nand on (${PROBE}) ${PROBE_SETTLED}`,
    meaning: "The same by the kernel's own account, only where the hypervisor tells the kernel about steal.",
  },
  {
    record: 'innervisor:steal_share:region_median',
    expr: `quantile by (region) (0.5, ${STEAL_SHARE})`,
    meaning: 'What is usual in the region now.',
  },
  {
    record: over('steal'),
    expr: `${STEAL_SHARE} > bool on (region) group_left () ${STEAL_LIMIT}`,
    meaning: 'Whether more than the limit is stolen.',
  },
  ...crowdRules('steal'),
];

/** What is usual, and the limit. */
export const stealLimit = limitRules({
  median: 'innervisor:steal_share:region_median',
  usual: 'innervisor:steal_share:region_usual',
  limit: STEAL_LIMIT,
  threshold: 'steal_share',
  labels: 'region',
});
