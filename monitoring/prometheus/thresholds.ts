import { PROBE_ANSWERS } from './recording/probe.ts';
import { threshold, type ThresholdName } from './recording/threshold.ts';
import type { RecordingRule } from './rule.ts';

/** When a region alerts. Shares are from 0 to 1. */
export interface AlertThresholds {
  /** Stolen of what was demanded. */
  readonly stealShare: number;
  /** Operations of the disk that took more than 10 ms. */
  readonly diskSlowShare: number;
  readonly diskP99Seconds: number;
  /** Lost between two probes. */
  readonly meshLossShare: number;
  /** Mean round trip between two probes. */
  readonly meshRttSeconds: number;
  /** Lost to a public target. */
  readonly publicLossShare: number;
  /** Mean round trip to a public target. */
  readonly publicRttSeconds: number;
  /** Whether each hypervisor has its own way out, or all traffic leaves through one gateway. */
  readonly publicPath: 'distributed' | 'centralized';
  /** How many times what is usual for the region must be exceeded as well. */
  readonly timesUsual: number;
}

/** What of a region's settings the rules depend on. */
export interface RegionPolicy {
  readonly alerts: AlertThresholds;
  readonly agentIntervalSeconds: number;
  /** Fewest peers that a probe of a large region pings. */
  readonly watchers: number;
}

/** Used where a region has no thresholds of its own. */
export const DEFAULT_THRESHOLDS: AlertThresholds = {
  stealShare: 0.2,
  diskSlowShare: 0.25,
  diskP99Seconds: 0.25,
  meshLossShare: 0.05,
  meshRttSeconds: 0.005,
  publicLossShare: 0.1,
  publicRttSeconds: 0.1,
  publicPath: 'distributed',
  timesUsual: 2,
};

/** The policy of regions that no configuration names. */
export const DEFAULT_POLICY: RegionPolicy = {
  alerts: DEFAULT_THRESHOLDS,
  agentIntervalSeconds: 300,
  watchers: 20,
};

/** One series per threshold and region, for the named regions and for every other one that has probes. */
export function thresholdRules(regions: Readonly<Record<string, RegionPolicy>>): readonly RecordingRule[] {
  const names = Object.keys(regions).toSorted();
  // Names of regions hold nothing that means something in a regular expression.
  const others = names.length === 0 ? '' : `{region!~"${names.join('|')}"}`;
  const defaults = valuesOf(DEFAULT_POLICY);
  return (Object.keys(defaults) as ThresholdName[]).flatMap((name) => [
    ...names.flatMap((region) => {
      const policy = regions[region];
      return policy === undefined ? [] : [named(name, region, valuesOf(policy)[name])];
    }),
    {
      record: threshold(name),
      expr: `group by (region) (${PROBE_ANSWERS}${others}) * ${defaults[name]}`,
      meaning: 'For every region that is not named in the configuration.',
    },
  ]);
}

function named(name: ThresholdName, region: string, value: number): RecordingRule {
  return {
    record: threshold(name),
    expr: `vector(${value})`,
    labels: { region },
    meaning: `As configured for ${region}.`,
  };
}

function valuesOf({ alerts, agentIntervalSeconds, watchers }: RegionPolicy): Record<ThresholdName, number> {
  return {
    steal_share: alerts.stealShare,
    disk_slow_share: alerts.diskSlowShare,
    disk_p99_seconds: alerts.diskP99Seconds,
    mesh_loss_share: alerts.meshLossShare,
    mesh_rtt_seconds: alerts.meshRttSeconds,
    public_loss_share: alerts.publicLossShare,
    public_rtt_seconds: alerts.publicRttSeconds,
    public_distributed: alerts.publicPath === 'distributed' ? 1 : 0,
    times_usual: alerts.timesUsual,
    agent_interval_seconds: agentIntervalSeconds,
    watchers,
  };
}
