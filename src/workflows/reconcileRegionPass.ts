import {
  ApplicationFailure,
  CancellationScope,
  defineQuery,
  isCancellation,
  log,
  rootCause,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { Decision } from '../domain/approval.ts';
import type { ArtifactRef, PassReport } from '../domain/pass.ts';
import { listenForApprovals, type Approvals } from './approval.ts';
import { carryOut } from './carryOut.ts';
import { names } from './contract.ts';
import { beginLabels, type Label } from './labels.ts';
import { listenForPauses } from './pausing.ts';
import { passId, showProgress, type Progress, type Show } from './progress.ts';
import { shortSteps } from './steps.ts';

/** The report as far as the pass has come, and the step that it is at. */
export type PassProgress = Progress & { readonly step: string };

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

  const approvals = listenForApprovals();
  const pauses = listenForPauses();
  const base = { region, pass };
  const label = await beginLabels(region);
  try {
    const begin = async (step: string): Promise<void> => {
      show(step);
      await pauses.stand(step, {
        stands: async (by) => {
          show(`paused by ${by} before ${step}`, { pausedBy: by });
          await label({ outcome: 'paused' });
        },
        goesOn: async () => {
          show(step, { pausedBy: null });
          await label({ outcome: null });
        },
      });
    };
    const report = await reconcile(base, input.dryRun, { approvals, show, begin, label });
    // All is done by now: a cancellation that comes this late changes nothing any more.
    await CancellationScope.nonCancellable(() => label({ outcome: report.outcome, report }));
    return report;
  } catch (error) {
    const outcome = isCancellation(error) ? 'cancelled' : 'failed';
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

type Base = { readonly region: string; readonly pass: string };

/** Who hears what becomes of a pass, and whom it asks. */
interface Company {
  readonly approvals: Approvals;
  readonly show: Show;
  /** Shows a step before which the pass may be paused. */
  readonly begin: (step: string) => Promise<void>;
  readonly label: Label;
}

async function reconcile(base: Base, dryRun: boolean, company: Company): Promise<PassReport> {
  const { show, begin } = company;
  show('listing hypervisors and probes');
  const first = await look(base);
  if (dryRun) return finish(show, 'dry run: nothing was changed', first.started);
  const { listed, started, isFree } = await passGuard(base, first, company);
  if (!isFree) {
    const report = finish(show, describeHeld(started.decision), { ...started, outcome: 'held' });
    await shortSteps.writeReport({ ...base, report });
    return report;
  }
  const { inventory, plan } = started.artifacts;
  show('carrying out the plan', started);
  await begin('carrying out the plan');

  const done = await compensated(base, (breaking) =>
    carryOut(base, listed, { inventory, plan }, started, { show, begin, breaking }),
  );
  const result = finish(show, done.outcome, done);
  const { create, replace, reboot = 0, delete: remove, marks } = started.plan;
  const changed = create + replace + reboot + remove + marks > 0 || result.outcome === 'degraded';
  if (changed) await shortSteps.writeReport({ ...base, report: result });
  return result;
}

/** Steps 1 to 3, and the report of a pass that has done nothing yet. */
async function look(base: Base) {
  const listed = await shortSteps.listInventory(base);
  const { inventory } = listed;
  const chosen = await shortSteps.selectHypervisors({ ...base, inventory });
  const { selection, expected } = chosen;
  const {
    plan,
    counts,
    changes,
    held,
    findings = [],
    approval,
  } = await shortSteps.planChanges({
    ...base,
    inventory,
    selection,
  });
  // In this order because the Web UI shows a result as it is, and its first lines at a glance.
  const started: PassReport = {
    ...base,
    outcome: 'planned',
    held,
    failures: [],
    failedChecks: [],
    findings,
    hypervisors: listed.hypervisors,
    selected: chosen.counts.selected,
    deferred: chosen.counts.deferred,
    plan: counts,
    changes,
    ...(approval === undefined ? {} : { planHash: approval.planHash }),
    created: 0,
    replaced: 0,
    deleted: 0,
    kept: counts.keep,
    verified: 0,
    generation: null,
    slowestBoots: [],
    artifacts: { inventory, plan, boots: null, ...(expected === undefined ? {} : { expected }) },
  };
  return { listed, started, approval };
}

type Look = Awaited<ReturnType<typeof look>>;

/**
 * Waits with a held plan until it is approved; then looks again, because the region goes on meanwhile, and a plan
 * that has become another one needs an approval of its own.
 */
async function passGuard(
  base: Base,
  first: Look,
  { approvals, show, label }: Company,
): Promise<Look & { readonly isFree: boolean }> {
  let latest = first;
  let decision: Decision | undefined;
  while (latest.approval !== undefined && latest.approval.planHash !== decision?.plan) {
    const { planHash, timeoutMs } = latest.approval;
    show(describeWait(planHash, timeoutMs, decision), {
      ...latest.started,
      awaitsApproval: planHash,
    });
    // It is listened before anybody can see that it waits: a word that comes early must not be lost.
    [decision] = await Promise.all([
      approvals.decide(planHash, timeoutMs),
      label({ outcome: 'awaiting approval' }),
    ]);
    show(`plan ${planHash}: ${decision.kind}`, { awaitsApproval: null });
    await label({ outcome: null });
    if (decision.kind !== 'approved') break;
    show(`plan ${planHash} is approved; looking again whether it still is the plan`);
    latest = await look(base);
  }
  const isApproved = decision?.kind === 'approved' && decision.plan === latest.approval?.planHash;
  const started = decision === undefined ? latest.started : { ...latest.started, decision };
  return { ...latest, started, isFree: started.held.length === 0 || isApproved };
}

function describeWait(plan: string, timeoutMs: number, before: Decision | undefined): string {
  const since = before === undefined ? '' : `the approved plan ${before.plan} has become another one; `;
  const minutes = Math.ceil(timeoutMs / 60_000);
  return `${since}plan ${plan} waits ${minutes} minutes for approval`;
}

function describeHeld(decision: Decision | undefined): string {
  const by = decision?.by == null ? '' : ` by ${decision.by}`;
  switch (decision?.kind) {
    case 'rejected':
      return `rejected${by}: nothing was changed`;
    case 'expired':
      return 'held, and not approved in time: nothing was changed';
    default:
      return 'held: nothing was changed';
  }
}

function describeEnd(outcome: 'cancelled' | 'failed', step: string, error: unknown): string {
  return outcome === 'cancelled' ? `cancelled while ${step}` : `failed while ${step}: ${rootCause(error)}`;
}

function finish(show: Show, step: string, report: PassReport): PassReport {
  show(step, report);
  log.info(`pass ended: ${report.outcome}`, { pass: report.pass });
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
