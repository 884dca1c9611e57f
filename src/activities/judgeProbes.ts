import type { Inventory } from '../domain/inventory.ts';
import type { TargetGroup } from '../domain/target.ts';
import type { CheckResult } from '../domain/verification.ts';
import { checkProbes } from './checkProbes.ts';
import type { StepDeps } from './deps.ts';

const FAILED_MAX = 50;

/** The list of peers that is in force. */
export interface InForce {
  readonly generation: number;
  readonly publishedMs: number;
}

/** What the checks of all probes come to. */
export interface Judgement {
  readonly verified: number;
  readonly failed: number;
  readonly pending: number;
  /** The first of those that failed. */
  readonly failedChecks: readonly CheckResult[];
}

/** Checks these targets once. A generation is not yet due for two intervals, and nothing is on a hypervisor that is down. */
export async function judgeProbes(
  deps: StepDeps,
  { hypervisors }: Inventory,
  groups: readonly TargetGroup[],
  { generation, publishedMs }: InForce,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const down = new Set(hypervisors.filter(({ up }) => !up).map(({ hostname }) => hostname));
  const isNew = deps.now() - publishedMs < 2 * deps.probe.agentIntervalSeconds * 1000;
  const results = await checkProbes(deps, groups, generation, isNew, signal);
  return results.map((result) =>
    result.status === 'failed' && down.has(result.hypervisor)
      ? { ...result, status: 'skipped' as const, detail: `hypervisor is down; ${result.detail}` }
      : result,
  );
}

/** Counts what was found, small enough for a history. */
export function summarise(results: readonly CheckResult[]): Judgement {
  const failed = results.filter(({ status }) => status === 'failed');
  const bad = new Set(
    results.filter(({ status }) => status === 'failed' || status === 'skipped').map(({ probeId }) => probeId),
  );
  return {
    verified: new Set(results.map(({ probeId }) => probeId)).difference(bad).size,
    failed: failed.length,
    pending: results.filter(({ status }) => status === 'pending').length,
    failedChecks: failed.slice(0, FAILED_MAX),
  };
}
