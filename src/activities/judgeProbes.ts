import type { Inventory } from '../domain/inventory.ts';
import type { Plan, PlanAction } from '../domain/plan.ts';
import type { TargetGroup } from '../domain/target.ts';
import type { CheckResult, CheckStatus, ProbeCounts } from '../domain/verification.ts';
import { checkProbes } from './checkProbes.ts';
import type { StepDeps } from './deps.ts';

const FAILED_MAX = 50;
const WANTED_ACTIONS: ReadonlySet<PlanAction> = new Set(['create', 'replace', 'reboot', 'keep']);

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
  /** Older workers leave it out. */
  readonly probes?: ProbeCounts;
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

/**
 * Counts what was found, small enough for a history.
 *
 * @param missing - hypervisors that should carry a probe and for which none is published.
 */
export function summarise(results: readonly CheckResult[], missing: number): Judgement {
  const failed = results.filter(({ status }) => status === 'failed');
  const probesWith = (status: CheckStatus): ReadonlySet<string> =>
    new Set(results.filter((result) => result.status === status).map(({ probeId }) => probeId));
  const [bad, skipped] = [probesWith('failed'), probesWith('skipped')];
  const verified = new Set(results.map(({ probeId }) => probeId)).difference(bad).difference(skipped).size;
  return {
    verified,
    probes: { verified, failed: bad.size, skipped: skipped.difference(bad).size, missing },
    failed: failed.length,
    pending: results.filter(({ status }) => status === 'pending').length,
    failedChecks: failed.slice(0, FAILED_MAX),
  };
}

/** Hypervisors that the plan wants a probe on, whether it makes one or not, and that none is published for. */
export function countMissing({ entries }: Plan, groups: readonly TargetGroup[]): number {
  const inPlace = groups.filter(({ labels }) => labels['displaced'] === undefined);
  const published = new Set(inPlace.map(({ labels }) => labels['hypervisor']));
  return entries.filter(
    ({ action, orphan, reason: { code }, hypervisor }) =>
      !orphan &&
      (WANTED_ACTIONS.has(action) || code === 'unplaceable' || code === 'creationPaused') &&
      !published.has(hypervisor),
  ).length;
}
