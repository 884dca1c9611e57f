import {
  ApplicationFailure,
  CancellationScope,
  defineQuery,
  isCancellation,
  rootCause,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { names } from './contract.ts';
import type { Counted, Label, Labels } from './labels.ts';
import { showProgress, type Progress, type Show } from './progress.ts';

/** The report as far as the pass has come, and the step that it is at. */
export type PassProgress = Progress & { readonly step: string };

/** See {@link PassProgress}. */
export const reportQuery = defineQuery<PassProgress>('report');

/** Region and pass, as every step is given them. */
export interface Base {
  readonly region: string;
  readonly pass: string;
}

/** Refuses to run under another id than the region's own, which is the lock. */
export function requireLock(region: string, entry: string): void {
  if (workflowInfo().workflowId === names.passWorkflowId(region)) return;
  const message = `this workflow is the inside of ${entry}; start that one, under any id`;
  throw ApplicationFailure.create({ type: 'invalidConfig', message, nonRetryable: true });
}

/** Answers the query `report` from now on; gives what shows a step, and what tells how far it has come. */
export function openReport(base: Base): { readonly show: Show; readonly read: () => PassProgress & Base } {
  let progress: PassProgress & Base = { ...base, step: 'starting' };
  setHandler(reportQuery, () => progress, { description: 'the report as far as the pass has come' });
  return {
    show: (step, more = {}) => {
      progress = { ...progress, ...more, step };
      showProgress(step, progress);
    },
    read: () => progress,
  };
}

/** Does what is to be done under the lock, and tells lists and the Web UI how it ended. */
export async function labelled<Report extends Pick<Labels, 'outcome'> & Partial<Counted>>(
  label: Label,
  read: () => PassProgress & Base,
  work: () => Promise<Report>,
): Promise<Report> {
  try {
    const report = await work();
    // All is done by now: a cancellation that comes this late changes nothing any more.
    await CancellationScope.nonCancellable(() =>
      label({ outcome: report.outcome, ...(isCounted(report) ? { report } : {}) }),
    );
    return report;
  } catch (error) {
    const outcome = isCancellation(error) ? 'cancelled' : 'failed';
    const progress = read();
    // Only for whoever looks at it: what the report says of the step stays as it was.
    showProgress(describeEnd(outcome, progress.step, error), {
      ...progress,
      awaitsApproval: null,
      pausedBy: null,
    });
    await CancellationScope.nonCancellable(() => label({ outcome }));
    throw error;
  }
}

/** The report on a frozen region counts nothing: nothing was looked at. */
function isCounted(report: Partial<Counted>): report is Counted {
  return report.deleted !== undefined && report.failures !== undefined;
}

function describeEnd(outcome: 'cancelled' | 'failed', step: string, error: unknown): string {
  return outcome === 'cancelled' ? `cancelled while ${step}` : `failed while ${step}: ${rootCause(error)}`;
}
