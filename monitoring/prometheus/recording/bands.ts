import type { RecordingRule } from '../rule.ts';
import { DISK_P99 } from './disk.ts';
import { PUBLIC_LOSS } from './public.ts';
import { STEAL_SHARE } from './steal.ts';

interface Banded {
  /** Name of the band's series, to which the quantile is added. */
  readonly record: string;
  readonly of: string;
  readonly by: string;
}

const BANDED: readonly Banded[] = [
  { record: 'innervisor:steal_share:region', of: STEAL_SHARE, by: 'region' },
  {
    record: 'innervisor:disk_latency_seconds:p99_region',
    of: DISK_P99,
    by: 'region, storage_class, operation',
  },
  { record: 'innervisor:mesh_loss_share:region', of: 'innervisor:mesh_loss_share:row_rate1m', by: 'region' },
  {
    record: 'innervisor:mesh_rtt_seconds:p99_region',
    of: 'innervisor:mesh_rtt_seconds:p99_1m',
    by: 'region',
  },
  { record: 'innervisor:public_loss_share:region', of: PUBLIC_LOSS, by: 'region' },
  {
    record: 'innervisor:public_rtt_seconds:p99_region',
    of: 'innervisor:public_rtt_seconds:p99_1m',
    by: 'region',
  },
];

/** The lower and the upper edge of what is usual; the medians are recorded beside what they are of. */
export const bandRecording: readonly RecordingRule[] = BANDED.flatMap(({ record, of, by }) =>
  [10, 90].map((percent) => ({
    record: `${record}_p${percent}`,
    expr: `quantile by (${by}) (${percent / 100}, ${of})`,
    meaning: `${percent} of 100 probes of the region are below it.`,
  })),
);
