import type { HypervisorFailure } from '../domain/failure.ts';
import type { ArtifactRef, PassOutcome, PassReport } from '../domain/pass.ts';
import { createInSlices } from './creation.ts';
import type { Show } from './progress.ts';
import { planRoom } from './room.ts';
import { shortSteps, waitingSteps } from './steps.ts';

/** Who is told how far the plan has been carried out. */
export interface Watchers {
  readonly show: Show;
  /** Called before probes go that make room for others, with the plan that says which. */
  readonly breaking: (plan: ArtifactRef) => void;
}

/** Carries out a plan that the guard doesn't hold, up to the verification. */
export async function carryOut(
  base: { readonly region: string; readonly pass: string },
  wait: Parameters<typeof waitingSteps>[0],
  refs: { readonly inventory: ArtifactRef; readonly plan: ArtifactRef },
  started: PassReport,
  { show, breaking }: Watchers,
): Promise<PassReport> {
  const { inventory } = refs;
  const { plan: counts } = started;
  const steps = waitingSteps(wait);
  const failures: HypervisorFailure[] = [];
  let { plan } = refs;
  let breaks = counts.breaks ?? 0;
  if (breaks > 0) breaking(plan);

  if (counts.marks > 0) failures.push(...(await shortSteps.markProbes({ ...base, plan })).failures);
  if (counts.delete + breaks > 0) {
    show('silencing what will be removed');
    await shortSteps.openSilences({ ...base, plan, proof: null });
  }
  const beside = counts.replace - breaks;
  const toCreate = counts.create + beside;
  let created = 0;
  if (toCreate > 0) {
    show(`creating ${toCreate} probes`);
    const order = 'make-before-break';
    const creation = await createInSlices(base, steps, { plan, order, total: toCreate });
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
    const { unequal = [] } = await steps.targets.publishTargets({ ...base, targets: targets.document });
    return { targets: targets.document, uploaded, unequal };
  };
  let published = await publish(null, toCreate > 0);
  let proof: ArtifactRef | null = null;
  let leaving = counts.delete + breaks;
  if (beside > 0) {
    show('waiting until the successors of replaced probes answer');
    const { targets } = published;
    const proved = await steps.verify.proveReplacements({ ...base, plan, targets, sinceMs: Date.now() });
    proof = proved.proof;
    // Only now, so that a probe that must make room is watched as long as possible.
    const room = await planRoom(base, plan, failures);
    if (room.breaks > 0) breaking(room.plan);
    plan = room.plan;
    breaks += room.breaks;
    leaving += proved.proven + room.breaks;
    failures.splice(0, failures.length, ...room.failures, ...proved.failures);
    if (proved.proven + room.breaks + proved.failures.length > 0)
      await shortSteps.openSilences({ ...base, plan, proof });
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
    if (breaks > 0) {
      show(`creating ${breaks} probes where others made room`, { failures });
      const order = 'break-before-make';
      const creation = await createInSlices(base, steps, { plan, order, total: breaks });
      failures.push(...creation.failures);
      // What made room in vain was deleted, not replaced, and its hypervisor really is unmonitored now.
      const inVain = Math.max(0, (removal.broken ?? 0) - creation.standing);
      removed = { deleted: removal.deleted + inVain, replaced: removal.replaced - inVain };
      if (inVain > 0) await shortSteps.expireSilences({ ...base, broken: plan });
      published = await publish(proof, true);
    }
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
  await shortSteps.expireSilences(breaks > 0 ? { ...base, broken: plan } : base);
  const { unequal } = published;
  const flaws = failures.length + verified.failed + unequal.length;
  const outcome: PassOutcome = flaws > 0 ? 'degraded' : 'converged';
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
    ...(unequal.length === 0 ? {} : { unequalReplicas: unequal }),
    slowestBoots: verified.slowestBoots,
    artifacts: { ...started.artifacts, boots: verified.boots },
  };
}
