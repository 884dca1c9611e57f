import type { RecordingRule } from '../rule.ts';

/** Names of the thresholds, each a series `innervisor:threshold:<name>{region}`. */
export type ThresholdName =
  | 'steal_share'
  | 'disk_slow_share'
  | 'disk_p99_seconds'
  | 'mesh_loss_share'
  | 'mesh_rtt_seconds'
  | 'public_loss_share'
  | 'public_rtt_seconds'
  | 'public_distributed'
  | 'times_usual'
  | 'agent_interval_seconds'
  | 'watchers';

/** The series of a threshold; one value per region. */
export function threshold(name: ThresholdName): string {
  return `innervisor:threshold:${name}`;
}

/** Compares many series of a region with its threshold. */
export function overThreshold(expr: string, name: ThresholdName, bool: '' | 'bool ' = ''): string {
  return `${expr}\n  > ${bool}on (region) group_left () ${threshold(name)}`;
}

/** What is usual somewhere, and the limit that follows from it. */
export interface LimitOf {
  /** The recorded median of now. */
  readonly median: string;
  /** Names of the two series that are recorded. */
  readonly usual: string;
  readonly limit: string;
  readonly threshold: ThresholdName;
  /** Labels of the median, `region` among them. */
  readonly labels: string;
}

/**
 * A limit that fits five regions without a word of configuration: the threshold, or some times what was usual in the
 * last week where that is more. The median of a week is not moved by an outage of a day.
 */
export function limitRules({
  median,
  usual,
  limit,
  threshold: name,
  labels,
}: LimitOf): readonly RecordingRule[] {
  const times = `${threshold('times_usual')} * on (region) group_right () ${usual}`;
  const least = `${usual} * 0 + on (region) group_left () ${threshold(name)}`;
  return [
    {
      record: usual,
      // Steps of ten minutes: a thousand samples instead of forty thousand. Before the first step, what there is.
      expr:
        `quantile_over_time(0.5, ${median}[7d:10m])\n` +
        `or on (${labels}) quantile_over_time(0.5, ${median}[10m])`,
      meaning: 'What was usual in the last week.',
    },
    {
      record: limit,
      expr: `(${times}\n  > on (${labels})\n  (${least}))\nor on (${labels})\n(${least})`,
      meaning: 'The threshold, or the multiple of what is usual where that is more.',
    },
  ];
}
