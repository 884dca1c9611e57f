import type { ArtifactRef } from '../domain/pass.ts';
import { isBroken, type Plan } from '../domain/plan.ts';
import { computeFallback } from '../planner/fallback.ts';
import { getArtifact, putArtifact } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';

/** The plan that the pass goes on with. */
export interface FallbackPlan {
  readonly plan: ArtifactRef;
  /** The new probes that are to be made once their predecessors are gone. */
  readonly probeIds: readonly string[];
}

/** Plans anew for new probes that found no room beside those that they replace. Changes nothing. */
export async function planFallback(
  deps: StepDeps,
  input: PassInput & { readonly plan: ArtifactRef; readonly withoutRoom: readonly string[] },
): Promise<FallbackPlan> {
  const plan = await getArtifact<Plan>(deps, input.plan);
  const withoutRoom = new Set(input.withoutRoom);
  const fallback = computeFallback(plan, withoutRoom, deps.policy.deletesMax);
  const probeIds = fallback.entries
    .filter(isBroken)
    .map(({ create }) => create.probeId)
    .filter((probeId) => withoutRoom.has(probeId));
  return { plan: await putArtifact(deps, 'plan', fallback), probeIds };
}
