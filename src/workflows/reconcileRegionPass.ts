import {
  ApplicationFailure,
  CancellationScope,
  defineQuery,
  log,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type { ArtifactRef, PassOutcome, PassReport } from '../domain/pass.ts';
import type { HypervisorFailure } from '../domain/failure.ts';
import { names } from './contract.ts';
import { createInSlices } from './creation.ts';
import { passId, showProgress } from './progress.ts';
import { shortSteps, waitingSteps } from './steps.ts';

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
    artifacts: { inventory, plan },
  };
  if (input.dryRun) return finish(show, 'dry run: nothing was changed', started);
  if (held.length > 0) {
    const report = finish(show, 'held: nothing was changed', { ...started, outcome: 'held' });
    await shortSteps.writeReport({ ...base, report });
    return report;
  }
  show('carrying out the plan', started);

  const done = await compensated(base, () => carryOut(base, listed.wait, { inventory, plan }, started, show));
  const result = finish(show, done.outcome, done);
  const changed =
    counts.create + counts.replace + counts.delete + counts.marks > 0 || result.outcome === 'degraded';
  if (changed) await shortSteps.writeReport({ ...base, report: result });
  return result;
}

type Show = (step: string, more?: Partial<PassReport>) => void;
type Base = { readonly region: string; readonly pass: string };

function finish(show: Show, step: string, report: PassReport): PassReport {
  show(step, report);
  return report;
}

/** On failure and on cancellation no silence outlives what it was for. */
async function compensated<T>(base: Base, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    try {
      await CancellationScope.nonCancellable(() => shortSteps.expireSilences(base));
    } catch (second) {
      // The first failure is what the operator must read; the next pass ends the silences, or they end by themselves.
      log.warn('silences could not be ended after the pass failed', { error: second });
    }
    throw error;
  }
}

async function carryOut(
  base: Base,
  wait: Parameters<typeof waitingSteps>[0],
  refs: { readonly inventory: ArtifactRef; readonly plan: ArtifactRef },
  started: PassReport,
  show: Show,
): Promise<PassReport> {
  const { inventory, plan } = refs;
  const { plan: counts } = started;
  const steps = waitingSteps(wait);
  const failures: HypervisorFailure[] = [];

  if (counts.marks > 0) failures.push(...(await shortSteps.markProbes({ ...base, plan })).failures);
  if (counts.delete > 0) {
    show('silencing what will be removed');
    await shortSteps.openSilences({ ...base, plan, proof: null });
  }
  const toCreate = counts.create + counts.replace;
  let created = 0;
  if (toCreate > 0) {
    show(`creating ${toCreate} probes`);
    const creation = await createInSlices(base, steps, plan, toCreate);
    created = creation.created;
    failures.push(...creation.failures);
  }

  const publish = async (proof: ArtifactRef | null, changed: boolean) => {
    show('publishing targets and peers', { failures });
    const input = { ...base, plan, inventory, proof, changed };
    const [targets, peers] = await Promise.all([
      shortSteps.buildTargets(input),
      shortSteps.buildPeers(input),
    ]);
    const uploaded = await shortSteps.uploadPeers({ ...base, peers: peers.document });
    await steps.targets.publishTargets({ ...base, targets: targets.document });
    return { targets: targets.document, uploaded };
  };
  let published = await publish(null, toCreate > 0);
  let proof: ArtifactRef | null = null;
  let leaving = counts.delete;
  if (counts.replace > 0) {
    show('waiting until the successors of replaced probes answer');
    const { targets } = published;
    const proved = await steps.verify.proveReplacements({ ...base, plan, targets, sinceMs: Date.now() });
    proof = proved.proof;
    leaving += proved.proven;
    failures.push(...proved.failures);
    if (proved.proven + proved.failures.length > 0) await shortSteps.openSilences({ ...base, plan, proof });
    published = await publish(proof, true);
    if (proved.failures.length > 0) {
      failures.push(...(await steps.remove.removeHalfMade({ ...base, plan, proof })).failures);
    }
  }

  let removed = { deleted: 0, replaced: 0 };
  if (leaving > 0) {
    show('deleting probes that nothing watches any more');
    const removal = await steps.remove.deleteProbes({ ...base, plan, proof });
    removed = removal;
    failures.push(...removal.failures);
  }

  show('verifying every probe', { failures });
  const { generation, publishedMs } = published.uploaded;
  const verified = await steps.verify.verifyProbes({
    ...base,
    plan,
    inventory,
    targets: published.targets,
    generation,
    publishedMs,
    sinceMs: Date.now(),
  });
  await shortSteps.expireSilences(base);
  const outcome: PassOutcome = failures.length + verified.failed > 0 ? 'degraded' : 'converged';
  return {
    ...started,
    outcome,
    created,
    replaced: removed.replaced,
    deleted: removed.deleted,
    verified: verified.verified,
    generation,
    failures,
    failedChecks: verified.failedChecks,
  };
}
