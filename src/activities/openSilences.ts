import type { ArtifactRef } from '../domain/pass.ts';
import type { Plan } from '../domain/plan.ts';
import { listLeaving } from '../planner/roster.ts';
import { getArtifact } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { readProven } from './proven.ts';
import { ensureSilences } from './silences.ts';

/** The silences that were made; empty when those in force already suffice. */
export interface OpenedSilences {
  readonly silenceIds: readonly string[];
  readonly probes: number;
}

/** Step 4: silences what the pass will remove: removals, and replaced probes whose successor is proven. */
export async function openSilences(
  deps: StepDeps,
  input: PassInput & { readonly plan: ArtifactRef; readonly proven: ArtifactRef | null },
  signal: AbortSignal,
): Promise<OpenedSilences> {
  const plan = await getArtifact<Plan>(deps, input.plan);
  const leaving = listLeaving(plan, await readProven(deps, input.proven));
  const probeIds = leaving.filter(({ hasTwin }) => !hasTwin).map(({ probeId }) => probeId);
  const silenceIds = await ensureSilences(deps, input.pass, probeIds, signal);
  return { silenceIds, probes: probeIds.length };
}
