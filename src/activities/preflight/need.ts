import type { Hypervisor } from '../../domain/hypervisor.ts';
import { computeSelection } from '../../planner/select.ts';
import type { StepDeps } from '../deps.ts';
import { observeHypervisors, observeProbes } from '../observe.ts';

/** How many probes a region is to have, and how many more servers that takes. */
export interface Need {
  readonly hypervisors: number;
  /** Those that are to carry a probe. */
  readonly selected: readonly Hypervisor[];
  /** Probes that are missing. */
  readonly missing: number;
  /** Those that stand beside the ones that they replace, for a while. */
  readonly surge: number;
}

/** Looks how many probes are missing. */
export async function observeNeed(deps: StepDeps, signal: AbortSignal): Promise<Need> {
  const { policy } = deps;
  const probes = await observeProbes(deps, signal);
  const hypervisors = await observeHypervisors(deps, probes, signal);
  const decisions = computeSelection(hypervisors, policy, deps.matchGlobs);
  const names = new Set(
    decisions.filter(({ decision }) => decision === 'selected').map(({ hypervisor }) => hypervisor),
  );
  const selected = hypervisors.filter(({ hostname }) => names.has(hostname));
  const carrying = new Set(probes.map(({ hypervisor }) => hypervisor));
  return {
    hypervisors: hypervisors.length,
    selected,
    missing: selected.filter(({ hostname }) => !carrying.has(hostname)).length,
    surge: policy.replace === 'make-before-break' ? Math.min(policy.replaceBatch, selected.length) : 0,
  };
}
