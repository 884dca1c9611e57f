import { CancellationScope, log, patched } from '@temporalio/workflow';
import type { ArtifactRef } from '../domain/pass.ts';
import type { ReplaceOrder } from '../domain/plan.ts';
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
    await undo('silences could not be ended after the pass failed', () =>
      shortSteps.expireSilences({ ...base, ...broken }),
    );
    throw error;
  }
}

/**
 * On failure and on cancellation no new probe stays that doesn't stand. It waits only for Nova's word, since a server that
 * is being built may take long to go. Those that stand stay: the next pass goes on with them.
 */
export async function leavingNothingHalfMade<T>(
  base: Base,
  planned: { readonly plan: ArtifactRef; readonly order: ReplaceOrder },
  create: () => Promise<T>,
): Promise<T> {
  try {
    return await create();
  } catch (error) {
    // Histories of before there was this step go on without it.
    if (patched('half-made'))
      await undo('new probes that don’t stand could not be removed after the pass failed', () =>
        shortSteps.removeHalfMade({ ...base, ...planned, proof: null, waits: false }),
      );
    throw error;
  }
}

async function undo(inVain: string, action: () => Promise<unknown>): Promise<void> {
  try {
    await CancellationScope.nonCancellable(action);
  } catch (error) {
    // The first failure is what the operator must read; the next pass does it, and silences end by themselves.
    log.warn(inVain, { error });
  }
}
