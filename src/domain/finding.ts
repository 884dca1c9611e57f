import type { HypervisorFailure } from './failure.ts';
import type { PlanEntry } from './plan.ts';

/**
 * What people should know of a hypervisor that selection wants a probe on.
 *
 * - `unplaceable`: it has no room for one, which is nobody's failure; the pass may still have converged.
 * - `creationPaused`: creations fail there, and it is left alone for a while.
 */
export interface Finding {
  readonly hypervisor: string;
  readonly kind: 'unplaceable' | 'creationPaused';
  readonly message: string;
}

/** What a plan leaves alone for a while; what somebody should look into stands first. */
export function listPaused(entries: readonly PlanEntry[]): readonly Finding[] {
  const findings = entries.flatMap(({ hypervisor, reason: { code, text } }): readonly Finding[] =>
    code === 'unplaceable' || code === 'creationPaused' ? [{ hypervisor, kind: code, message: text }] : [],
  );
  return findings.toSorted((a, b) => Number(a.kind === 'unplaceable') - Number(b.kind === 'unplaceable'));
}

/** Tells want of room from failures, but for probes whose predecessors were removed for them. */
export function separateUnplaceable(
  failures: readonly HypervisorFailure[],
  madeRoomFor: ReadonlySet<string>,
): { readonly failures: readonly HypervisorFailure[]; readonly findings: readonly Finding[] } {
  const isFinding = ({ kind, probeId }: HypervisorFailure): boolean =>
    kind === 'noCapacity' && !madeRoomFor.has(probeId);
  return {
    failures: failures.filter((failed) => !isFinding(failed)),
    findings: failures
      .filter(isFinding)
      .map(({ hypervisor, message }) => ({ hypervisor, kind: 'unplaceable', message })),
  };
}
