import { patched } from '@temporalio/workflow';
import type { HypervisorFailure } from '../domain/failure.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import { shortSteps } from './steps.ts';

/** New probes that one pass plans anew; what more there are keep their old ones until the next pass. */
const WITHOUT_ROOM_MAX = 50;

/** What a pass goes on with when new probes found no room. */
export interface Room {
  readonly plan: ArtifactRef;
  /** How many old probes have to go first because of that. */
  readonly breaks: number;
  /** The failures that remain: what is tried again in the other order hasn't failed yet. */
  readonly failures: readonly HypervisorFailure[];
}

/** Asks for another plan where Nova found no room for a new probe beside the old one, and only there. */
export async function planRoom(
  base: { readonly region: string; readonly pass: string },
  plan: ArtifactRef,
  failures: readonly HypervisorFailure[],
): Promise<Room> {
  const withoutRoom = failures
    .filter(({ kind }) => kind === 'noCapacity')
    .map(({ probeId }) => probeId)
    .slice(0, WITHOUT_ROOM_MAX);
  // Passes that were under way before there was a fallback go on without it.
  if (withoutRoom.length === 0 || !patched('fallback')) return { plan, breaks: 0, failures };
  const fallback = await shortSteps.planFallback({ ...base, plan, withoutRoom });
  const again = new Set(fallback.probeIds);
  return {
    plan: fallback.plan,
    breaks: again.size,
    failures: failures.filter(({ probeId }) => !again.has(probeId)),
  };
}
