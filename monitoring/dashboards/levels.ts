import { DEFAULT_THRESHOLDS } from '../prometheus/thresholds.ts';
import { rising, type Levels } from './panels/about.ts';
import type { SignalName } from './signals.ts';

/** Near the limit, and over it. */
export const STRAIN_LEVELS: Levels = rising(0.7, 1);

/**
 * From which value on a cell is coloured, whatever the region. Only alerts and strain are by its own thresholds: Grafana
 * takes no colour from a query.
 */
export const LEVELS: Readonly<Record<SignalName, Levels>> = {
  steal: upTo(DEFAULT_THRESHOLDS.stealShare),
  disk: upTo(DEFAULT_THRESHOLDS.diskP99Seconds),
  mesh_loss: upTo(DEFAULT_THRESHOLDS.meshLossShare),
  // Alerts are on the mean, which lies far below the 99th percentile.
  mesh_rtt: rising(DEFAULT_THRESHOLDS.meshRttSeconds, 4 * DEFAULT_THRESHOLDS.meshRttSeconds),
  public_loss: upTo(DEFAULT_THRESHOLDS.publicLossShare),
  public_rtt: rising(DEFAULT_THRESHOLDS.publicRttSeconds, 4 * DEFAULT_THRESHOLDS.publicRttSeconds),
};

function upTo(limit: number): Levels {
  return rising(limit / 2, limit);
}
