import type { ProbeSpec } from '../activities/probeSpec.ts';
import type { HypervisorFailure } from '../domain/failure.ts';
import type { ArtifactRef } from '../domain/pass.ts';
import type { ReplaceOrder } from '../domain/plan.ts';
import { leavingNothingHalfMade } from './compensation.ts';
import type { Base } from './frame.ts';
import { shortSteps, type waitingSteps } from './steps.ts';

/** So that each of up to 50 new probes has its own row in the timeline, and 10,000 still fit in a history. */
const SLICES_MAX = 50;
const CONCURRENT_MAX = 10;

/** How many new probes stand, how many of them on hypervisors that had none, and what failed. */
export interface Creation {
  readonly standing: number;
  readonly created: number;
  readonly failures: readonly HypervisorFailure[];
}

/** Which of a plan's new probes are to be made, and how many those are. */
interface Slices {
  readonly plan: ArtifactRef;
  readonly order: ReplaceOrder;
  readonly total: number;
}

/** Creates the plan's new probes of one order, waits for them, and removes those that failed half-made. */
export async function createInSlices(
  base: Base,
  steps: ReturnType<typeof waitingSteps>,
  { plan, order, total }: Slices,
): Promise<Creation> {
  const spec = await shortSteps.prepareCreation({ ...base, plan });
  return await leavingNothingHalfMade(base, { plan, order }, () =>
    createAll(base, steps, { plan, order, spec, total }),
  );
}

async function createAll(
  base: Base,
  steps: ReturnType<typeof waitingSteps>,
  { plan, order, spec, total }: Slices & { readonly spec: ProbeSpec },
): Promise<Creation> {
  const size = Math.ceil(total / SLICES_MAX);
  const starts = Array.from({ length: Math.ceil(total / size) }, (_, index) => index * size);
  const refused: HypervisorFailure[] = [];
  const drain = async (): Promise<void> => {
    for (let from = starts.shift(); from !== undefined; from = starts.shift()) {
      const to = Math.min(from + size, total);
      try {
        const made = await steps.build.createProbes({ ...base, plan, order, spec, from, to });
        refused.push(...made.failures);
      } catch (error) {
        starts.length = 0;
        throw error;
      }
    }
  };
  // Every slice that is under way ends before a failure goes on: what it creates must not escape the pass.
  const drains = await Promise.allSettled(
    Array.from({ length: Math.min(CONCURRENT_MAX, starts.length) }, drain),
  );
  const failed = drains.find((settled) => settled.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  const sinceMs = Date.now();
  const refusedIds = refused.map(({ probeId }) => probeId);
  const built = await steps.build.awaitProbes({ ...base, plan, order, refused: refusedIds, sinceMs });
  const { standing, created } = built;
  if (refused.length + built.failed === 0) return { standing, created, failures: [] };
  const removed = await steps.remove.removeHalfMade({ ...base, plan, order, proof: null });
  return { standing, created, failures: [...refused, ...built.failures, ...removed.failures] };
}
