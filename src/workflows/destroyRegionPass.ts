import { log, patched, sleep } from '@temporalio/workflow';
import type { PlannedDestruction } from '../activities/planDestruction.ts';
import type { DeletedProbes } from '../activities/deleteProbes.ts';
import type { DestroyReport, LeftBehind } from '../domain/destruction.ts';
import { compensated } from './compensation.ts';
import { names, type DestroyInput } from './contract.ts';
import { labelled, openReport, requireLock, type Base } from './frame.ts';
import { beginLabels } from './labels.ts';
import { passId, type Show } from './progress.ts';
import { shortSteps, waitingSteps } from './steps.ts';

/** How often it is asked at most whether a rule can still alert on what was removed, so that histories stay short. */
const SILENCE_LOOKS_MAX = 40;
const SILENCE_LOOKS_EVERY_MS_MIN = 1_000;

/** Removes everything of one region; runs only under the region's own id. */
export async function destroyRegionPass({
  region,
  dryRun,
  forceDown,
}: Required<Omit<DestroyInput, 'confirm'>>): Promise<DestroyReport> {
  requireLock(region, names.destroyRegion);
  const base = { region, pass: passId() };
  const { show, read } = openReport(base);
  const label = await beginLabels(region);
  return await labelled(label, read, async () => {
    show('looking for everything of the region');
    const planned = await shortSteps.planDestruction({ ...base, forceDown });
    const { inventory, plan } = planned;
    show('everything of the region is known', {
      plan: planned.counts,
      changes: planned.changes,
      artifacts: { inventory, plan, boots: null },
    });
    if (dryRun) return finish(show, reportOf(base, planned));
    const report = await compensated(base, () => destroy(base, planned, show));
    const { counts, documents, silences } = planned;
    const wasThere = counts.delete + documents.length + silences > 0;
    if (wasThere || report.outcome === 'incomplete') await shortSteps.writeReport({ ...base, report });
    return finish(show, report);
  });
}

/**
 * As a pass removes probes: silenced, then let go of by Prometheus and the list of peers, then deleted. What stays because
 * its hypervisor is down stays published: it is still watched, and the next destruction knows of it even where Nova's
 * list leaves it out.
 */
async function destroy(base: Base, planned: PlannedDestruction, show: Show): Promise<DestroyReport> {
  const { counts, documents } = planned;
  const plan = { ...base, plan: planned.plan, proof: null };
  let coverUntilMs = Infinity;
  if (counts.delete > 0) {
    show('silencing what will be removed');
    ({ coverUntilMs = Infinity } = await shortSteps.openSilences(plan));
  }
  if (counts.delete + documents.length > 0) {
    show('emptying targets and peers, until Prometheus has let go');
    await publish(base, planned);
  }
  let removed: DeletedProbes = { deleted: 0, replaced: 0, failures: [] };
  if (counts.delete > 0) {
    // Destructions that were under way before this went on without it.
    if (Date.now() >= coverUntilMs && patched('extendSilencesOfDestruction')) {
      show('extending silences, since the destruction takes long');
      await shortSteps.openSilences(plan);
    }
    show(`deleting ${counts.delete} probes that nothing watches any more`);
    removed = await waitingSteps(planned.wait, { leaving: counts.delete }).remove.deleteProbes(plan);
  }
  const { deleted, failures } = removed;
  let left = planned.left;
  let probesLeft = counts.defer + failures.length;
  if (probesLeft === 0) {
    show('removing the documents');
    ({ left } = await shortSteps.removeDocuments(base));
    probesLeft = left.filter(({ what }) => what === 'probe').length;
  }
  const isGone = probesLeft + left.length === 0;
  const silences = await endSilences(base, isGone ? planned.silenceMs : 0, show);
  const report = reportOf(base, planned);
  return {
    ...report,
    outcome: isGone && silences === 0 ? 'destroyed' : 'incomplete',
    left: [...left, ...describeSilences(silences)],
    failures,
    probesLeft,
    deleted,
    documents: isGone ? documents : [],
    silences,
  };
}

async function publish(base: Base, { wait, inventory, plan }: PlannedDestruction): Promise<void> {
  const input = { ...base, plan, inventory, proof: null, changed: false };
  const [targets, peers] = await Promise.all([shortSteps.buildTargets(input), shortSteps.buildPeers(input)]);
  await shortSteps.uploadPeers({ ...base, peers: peers.document });
  await waitingSteps(wait).targets.publishTargets({ ...base, targets: targets.document });
}

/** Waits for silences until no rule can alert on what they cover; gives how many are left when the time is over. */
async function endSilences(base: Base, waitMs: number, show: Show): Promise<number> {
  const untilMs = Date.now() + waitMs;
  const everyMs = Math.max(SILENCE_LOOKS_EVERY_MS_MIN, Math.ceil(waitMs / SILENCE_LOOKS_MAX));
  for (;;) {
    const { left = 0 } = await shortSteps.expireSilences(base);
    if (left === 0 || Date.now() >= untilMs) return left;
    show(`waiting until no rule can alert on the removed probes: ${left} silences are in force`);
    await sleep(everyMs, { summary: 'then it is asked again whether silences are still needed' });
  }
}

function describeSilences(count: number): readonly LeftBehind[] {
  if (count === 0) return [];
  const why = 'rules may still alert on probes that were removed; they end by themselves';
  return [{ what: 'silences', name: `${count} silences`, why }];
}

function reportOf(base: Base, planned: PlannedDestruction): DestroyReport {
  const { inventory, plan, counts, changes, left, documents, silences, kept } = planned;
  return {
    ...base,
    outcome: 'planned',
    left,
    failures: [],
    probesLeft: counts.defer,
    deleted: 0,
    documents,
    silences,
    plan: counts,
    changes,
    kept,
    artifacts: { inventory, plan },
  };
}

function finish(show: Show, report: DestroyReport): DestroyReport {
  const { outcome, failures, deleted, left } = report;
  const step =
    outcome === 'planned'
      ? 'dry run: nothing was changed'
      : `${outcome}: ${deleted} probes were deleted` +
        (left.length === 0 ? '' : `; left: ${left.map(({ name, why }) => `${name} (${why})`).join(', ')}`);
  show(step, { failures });
  log.info(`destruction ended: ${outcome}`, { pass: report.pass });
  return report;
}
