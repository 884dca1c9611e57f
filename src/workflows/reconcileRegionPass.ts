import {
  ApplicationFailure,
  CancellationScope,
  defineQuery,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ArtifactRef, PassReport } from '../domain/pass.ts';
import { carryOut } from './carryOut.ts';
import { names } from './contract.ts';
import { passId, showProgress, type Show } from './progress.ts';
import { shortSteps } from './steps.ts';

/** The report as far as the pass has come, and the step that it is at. */
export type PassProgress = Partial<PassReport> & { readonly step: string };

/** See {@link PassProgress}. */
export const reportQuery = defineQuery<PassProgress>('report');

/** One reconcile of one region, from listing to verification; runs only under the region's own id. */
export async function reconcileRegionPass(input: { region: string; dryRun: boolean }): Promise<PassReport> {
  const { region } = input;
  if (workflowInfo().workflowId !== names.passWorkflowId(region)) {
    const message = `this workflow is the inside of ${names.reconcileRegion}; start that one, under any id`;
    throw ApplicationFailure.create({ type: 'invalidConfig', message, nonRetryable: true });
  }
  const pass = passId();
  let progress: PassProgress & { readonly region: string } = { region, pass, step: 'starting' };
  setHandler(reportQuery, () => progress, { description: 'the report as far as the pass has come' });
  const show: Show = (step, more = {}) => {
    progress = { ...progress, ...more, step };
    showProgress(step, progress);
  };

  show('listing hypervisors and probes');
  const base = { region, pass };
  const listed = await shortSteps.listInventory(base);
  const { inventory } = listed;
  const { selection, counts: chosen } = await shortSteps.selectHypervisors({ ...base, inventory });
  const planned = await shortSteps.planChanges({ ...base, inventory, selection });
  const { plan, counts, held } = planned;
  const started: PassReport = {
    ...base,
    outcome: 'planned',
    hypervisors: listed.hypervisors,
    selected: chosen.selected,
    deferred: chosen.deferred,
    plan: counts,
    changes: planned.changes,
    held,
    created: 0,
    replaced: 0,
    deleted: 0,
    kept: counts.keep,
    verified: 0,
    generation: null,
    failures: [],
    failedChecks: [],
    slowestBoots: [],
    artifacts: { inventory, plan, boots: null },
  };
  if (input.dryRun) return finish(show, 'dry run: nothing was changed', started);
  if (held.length > 0) {
    const report = finish(show, 'held: nothing was changed', { ...started, outcome: 'held' });
    await shortSteps.writeReport({ ...base, report });
    return report;
  }
  show('carrying out the plan', started);

  const done = await compensated(base, (breaking) =>
    carryOut(base, listed.wait, { inventory, plan }, started, { show, breaking }),
  );
  const result = finish(show, done.outcome, done);
  const changed =
    counts.create + counts.replace + counts.delete + counts.marks > 0 || result.outcome === 'degraded';
  if (changed) await shortSteps.writeReport({ ...base, report: result });
  return result;
}

type Base = { readonly region: string; readonly pass: string };

function finish(show: Show, step: string, report: PassReport): PassReport {
  show(step, report);
  return report;
}

/** On failure and on cancellation no silence outlives what it was for, not even over a probe that made room in vain. */
async function compensated<T>(
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
