import {
  isCancellation,
  log,
  patched,
  proxyActivities,
  proxyLocalActivities,
  upsertMemo,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import type { DescribedInstallation, Description } from '../activities/describeInstallation.ts';
import type { DestroyOutcome } from '../domain/destruction.ts';
import type { PassOutcome, PassReport } from '../domain/pass.ts';
import { memoKeys } from './contract.ts';
import { searchAttributes as keys } from './searchAttributes.ts';

/** What lists show of a pass. Before its end only a pass that waits for a person has an outcome. */
export interface Labels {
  readonly outcome:
    PassOutcome | DestroyOutcome | 'awaiting approval' | 'paused' | 'failed' | 'cancelled' | null;
  readonly report?: Counted;
}

/** What a report counts of itself for lists; one that leaves something out has none of it. */
export type Counted = Pick<PassReport, 'deleted' | 'failures'> &
  Partial<Pick<PassReport, 'created' | 'replaced' | 'failedChecks'>>;

/** Shows something of the pass in lists; a server that can't is left alone. Rejects only when it is cancelled. */
export type Label = (labels: Labels) => Promise<void>;

const summary = 'ask whose pass this is, and what lists can show of it';
const asStep = proxyActivities<Description>({
  summary,
  startToCloseTimeout: '5 seconds',
  retry: { initialInterval: '200 milliseconds', maximumAttempts: 2 },
});
/** What passes had before: where a worker drops a pass that waits for one, it may never get on. */
const asLocal = proxyLocalActivities<Description>({
  summary,
  startToCloseTimeout: '5 seconds',
  retry: { maximumAttempts: 1 },
});

/** Writes down whose pass this is, and gives what labels it later on. */
export async function beginLabels(region: string): Promise<Label> {
  // Passes that were under way before there were labels go on without.
  if (!patched('labels')) return () => Promise.resolve();
  const own = await ask();
  if (own === undefined) return labelOf(region);
  upsertMemo({ [memoKeys.installation]: own.installation });
  upsert(own, [
    { key: keys.installation, value: own.installation },
    { key: keys.region, value: region },
  ]);
  return labelOf(region);
}

function labelOf(region: string): Label {
  return async ({ outcome, report }) => {
    const own = await ask();
    if (own === undefined) return;
    upsert(own, [
      { key: keys.region, value: region },
      { key: keys.outcome, value: outcome },
      ...(report === undefined
        ? []
        : ([
            { key: keys.created, value: report.created ?? 0 },
            { key: keys.replaced, value: report.replaced ?? 0 },
            { key: keys.deleted, value: report.deleted },
            { key: keys.failed, value: report.failures.length + (report.failedChecks ?? []).length },
          ] as const)),
    ]);
  };
}

/** Asked each time: an attribute that somebody has removed meanwhile would fail the workflow task for ever. */
async function ask(): Promise<DescribedInstallation | undefined> {
  try {
    return await (patched('labelsByStep') ? asStep : asLocal).describeInstallation();
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('lists will not show this pass: the worker could not tell what the server knows', { error });
    return undefined;
  }
}

function upsert(
  { searchAttributes }: DescribedInstallation,
  pairs: readonly SearchAttributeUpdatePair[],
): void {
  const known = pairs.filter(({ key }) => searchAttributes.includes(key.name));
  if (known.length > 0) upsertSearchAttributes(known);
}
