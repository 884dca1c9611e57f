import type { ArtifactRef } from '../domain/pass.ts';
import type { Plan } from '../domain/plan.ts';
import { listLeaving } from '../planner/roster.ts';
import { getArtifact } from './artifacts.ts';
import type { PassInput, StepDeps } from './deps.ts';
import { readProof } from './proven.ts';
import { ensureSilences } from './silences.ts';
import { awaitSilences } from './silencesInForce.ts';

/** The silences that were made; empty when those in force already suffice. */
export interface OpenedSilences {
  readonly silenceIds: readonly string[];
  readonly probes: number;
  /** A delete that begins before this is covered to its end; in ms since 1970. */
  readonly coverUntilMs?: number;
}

/** Step 4: silences what the pass will remove: removals, and of each replacement the one that goes. */
export async function openSilences(
  deps: StepDeps,
  input: PassInput & { readonly plan: ArtifactRef; readonly proof: ArtifactRef | null },
  signal: AbortSignal,
): Promise<OpenedSilences> {
  const plan = await getArtifact<Plan>(deps, input.plan);
  const { proven, unproven } = await readProof(deps, input.proof);
  const leaving = listLeaving(plan, proven).filter(({ hasTwin }) => !hasTwin);
  const probeIds = [...leaving.map(({ probeId }) => probeId), ...unproven];
  if (probeIds.length === 0) return { silenceIds: [], probes: 0 };
  const { made, coverUntilMs } = await ensureSilences(deps, input.pass, probeIds, signal);
  await awaitSilences(deps, probeIds, signal);
  return { silenceIds: made, probes: probeIds.length, coverUntilMs };
}
