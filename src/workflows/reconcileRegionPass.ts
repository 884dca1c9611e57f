import { log } from '@temporalio/workflow';
import type { Decision } from '../domain/approval.ts';
import type { FrozenPass, PassReport } from '../domain/pass.ts';
import { listenForApprovals, type Approvals } from './approval.ts';
import { carryOut } from './carryOut.ts';
import { compensated } from './compensation.ts';
import { names } from './contract.ts';
import { labelled, openReport, requireLock, type Base } from './frame.ts';
import { beginLabels, type Label } from './labels.ts';
import { lookOnly, lookToChange, type Look } from './look.ts';
import { listenForPauses } from './pausing.ts';
import { passId, type Show } from './progress.ts';
import { shortSteps } from './steps.ts';

/** One reconcile of one region, from listing to verification; runs only under the region's own id. */
export async function reconcileRegionPass(input: {
  region: string;
  dryRun: boolean;
}): Promise<PassReport | FrozenPass> {
  const { region } = input;
  requireLock(region, names.reconcileRegion);
  const base = { region, pass: passId() };
  const { show, read } = openReport(base);

  const approvals = listenForApprovals();
  const pauses = listenForPauses();
  const label = await beginLabels(region);
  return await labelled(label, read, async () => {
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
    return await reconcile(base, input.dryRun, { approvals, show, begin, label });
  });
}

/** Who hears what becomes of a pass, and whom it asks. */
interface Company {
  readonly approvals: Approvals;
  readonly show: Show;
  /** Shows a step before which the pass may be paused. */
  readonly begin: (step: string) => Promise<void>;
  readonly label: Label;
}

async function reconcile(base: Base, dryRun: boolean, company: Company): Promise<PassReport | FrozenPass> {
  const { show, begin } = company;
  show('listing hypervisors and probes');
  if (dryRun) return finish(show, 'dry run: nothing was changed', (await lookOnly(base)).started);
  const first = await lookToChange(base);
  const guarded = 'started' in first ? await passGuard(base, first, company) : first;
  if (!('started' in guarded)) return finish(show, 'frozen: nothing was changed', guarded);
  const { listed, started, isFree } = guarded;
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

/**
 * Waits with a held plan until it is approved; then looks again, because the region goes on meanwhile, and a plan
 * that has become another one needs an approval of its own.
 */
async function passGuard(
  base: Base,
  first: Look,
  { approvals, show, label }: Company,
): Promise<(Look & { readonly isFree: boolean }) | FrozenPass> {
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
    const looked = await lookToChange(base);
    if (!('started' in looked)) return looked;
    latest = looked;
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

function finish<Report extends PassReport | FrozenPass>(show: Show, step: string, report: Report): Report {
  show(step, report);
  log.info(`pass ended: ${report.outcome}`, { pass: report.pass });
  return report;
}
