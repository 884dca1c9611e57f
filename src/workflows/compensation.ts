import { CancellationScope, log } from '@temporalio/workflow';
import type { ArtifactRef } from '../domain/pass.ts';
import type { Base } from './frame.ts';
import { shortSteps } from './steps.ts';

/** On failure and on cancellation no silence outlives what it was for, not even over a probe that made room in vain. */
export async function compensated<T>(
  base: Base,
  action: (breaking: (plan: ArtifactRef) => void) => Promise<T>,
): Promise<T> {
  let broken: { readonly broken?: ArtifactRef } = {};
  try {
    return await action((plan) => {
      broken = { broken: plan };
    });
  } catch (error) {
    try {
      await CancellationScope.nonCancellable(() => shortSteps.expireSilences({ ...base, ...broken }));
    } catch (second) {
      // The first failure is what the operator must read; the next pass ends the silences, or they end by themselves.
      log.warn('silences could not be ended after the pass failed', { error: second });
    }
    throw error;
  }
}
