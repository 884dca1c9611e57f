import { patched } from '@temporalio/workflow';
import type { ListedInventory } from '../activities/listInventory.ts';
import type { HypervisorFailure } from '../domain/failure.ts';
import { separateUnplaceable } from '../domain/finding.ts';
import type { ArtifactRef, PassOutcome, PassReport } from '../domain/pass.ts';
import type { ReplaceOrder } from '../domain/plan.ts';
import { createInSlices } from './creation.ts';
import type { Show } from './progress.ts';
import { planRoom } from './room.ts';
import { shortSteps, waitingSteps } from './steps.ts';

/** Who is told how far the plan has been carried out. */
export interface Watchers {
  readonly show: Show;
  /** Shows a step before which the pass may be paused: nobody is left unmonitored there. */
  readonly begin: (step: string) => Promise<void>;
  /** Called before probes go that make room for others, with the plan that says which. */
  readonly breaking: (plan: ArtifactRef) => void;
}

/** Carries out a plan that the guard doesn't hold, up to the verification. */
export async function carryOut(
  base: { readonly region: string; readonly pass: string },
  listed: Pick<ListedInventory, 'wait' | 'memory' | 'unconfirmed'>,
  refs: { readonly inventory: ArtifactRef; readonly plan: ArtifactRef },
  started: PassReport,
  { show, begin, breaking }: Watchers,
): Promise<PassReport> {
  const { inventory } = refs;
  const { plan: counts } = started;
  const steps = waitingSteps(listed.wait);
  const failures: HypervisorFailure[] = [];
  const madeRoomFor = new Set<string>();
  let { plan } = refs;
  let breaks = counts.breaks ?? 0;
  if (breaks > 0) breaking(plan);

  if (counts.marks > 0) failures.push(...(await shortSteps.markProbes({ ...base, plan })).failures);
  let rebooted = 0;
  if ((counts.reboot ?? 0) > 0) {
    await begin(`rebooting ${counts.reboot} probes that don't answer`);
    const reboots = await shortSteps.rebootProbes({ ...base, plan });
    rebooted = reboots.rebooted;
    failures.push(...reboots.failures);
  }
  let proof: ArtifactRef | null = null;
  let coverUntilMs = Infinity;
  const silence = async (): Promise<void> => {
    ({ coverUntilMs = Infinity } = await shortSteps.openSilences({ ...base, plan, proof }));
  };
  const silenceAgain = async (): Promise<void> => {
    if (Date.now() < coverUntilMs) return;
    show('extending silences, since the pass takes long', { failures });
    await silence();
  };
  if (counts.delete + breaks > 0) {
    await begin('silencing what will be removed');
    await silence();
  }
  const earlier = listed.unconfirmed ?? 0;
  const remember = async (more: { readonly tried?: ReplaceOrder } = {}): Promise<void> => {
    await shortSteps.rememberCreations({
      ...base,
      plan,
      failures: failures.map(({ probeId, step, kind }) => ({ probeId, step, kind })),
      ...(earlier === 0 ? {} : { inventory }),
      ...more,
    });
  };
  const beside = counts.replace - breaks;
  const toCreate = counts.create + beside;
  let created = 0;
  if (toCreate > 0) {
    await begin(`creating ${toCreate} probes`);
    const order = 'make-before-break';
    const known = { creating: { total: toCreate, hypervisors: breaks > 0 ? [] : listCreating(started) } };
    const building = waitingSteps(listed.wait, known);
    const creation = await createInSlices(base, building, { plan, order, total: toCreate });
    created = creation.created;
    failures.push(...creation.failures);
    // At once, since a pass that fails later would forget it, and the next one try again as if nothing had been.
    if (creation.failures.length > 0 && listed.memory !== undefined && patched('rememberAtOnce'))
      await remember({ tried: order });
  }

  const publish = async (changed: boolean) => {
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
  let mayPause = true;
  const beginBreaking = async (): Promise<void> => {
    // Passes that were under way before this may have paused later.
    if (!patched('pauseBeforeBreaking')) return;
    await begin('letting go of probes that make room');
    mayPause = false;
  };
  if (breaks > 0) await beginBreaking();
  await silenceAgain();
  let published = await publish(toCreate > 0);
  let leaving = counts.delete + breaks;
  if (beside > 0) {
    show('waiting until the successors of replaced probes answer');
    const { targets } = published;
    const proved = await steps.verify.proveReplacements({ ...base, plan, targets, sinceMs: Date.now() });
    proof = proved.proof;
    // Only now, so that a probe that must make room is watched as long as possible.
    const room = await planRoom(base, plan, failures);
    if (room.breaks > 0) breaking(room.plan);
    if (room.breaks > 0 && breaks === 0) await beginBreaking();
    plan = room.plan;
    breaks += room.breaks;
    leaving += proved.proven + room.breaks;
    failures.splice(0, failures.length, ...room.failures, ...proved.failures);
    if (proved.proven + room.breaks + proved.failures.length > 0) await silence();
    published = await publish(true);
    if (proved.failures.length > 0) {
      failures.push(...(await steps.remove.removeHalfMade({ ...base, plan, proof })).failures);
    }
  }

  let removed = { deleted: 0, replaced: 0 };
  if (leaving > 0) {
    const step = 'deleting probes that nothing watches any more';
    if (mayPause) await begin(step);
    else show(step);
    await silenceAgain();
    const removing = waitingSteps(listed.wait, { leaving }).remove;
    const removal = await removing.deleteProbes({ ...base, plan, proof });
    removed = removal;
    failures.push(...removal.failures);
    if (breaks > 0) {
      show(`creating ${breaks} probes where others made room`, { failures });
      const order = 'break-before-make';
      const building = waitingSteps(listed.wait, { creating: { total: breaks, hypervisors: [] } });
      const creation = await createInSlices(base, building, { plan, order, total: breaks });
      failures.push(...creation.failures);
      for (const { probeId } of creation.failures) madeRoomFor.add(probeId);
      // What made room in vain was deleted, not replaced, and its hypervisor really is unmonitored now.
      const inVain = Math.max(0, (removal.broken ?? 0) - creation.standing);
      removed = { deleted: removal.deleted + inVain, replaced: removal.replaced - inVain };
      if (inVain > 0) await shortSteps.expireSilences({ ...base, broken: plan });
      published = await publish(true);
    }
  }

  if (listed.memory === 'malformed' || (listed.memory === 'kept' && toCreate + breaks + earlier > 0))
    await remember();

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
  const remaining = separateUnplaceable(failures, madeRoomFor);
  const findings = [...(started.findings ?? []), ...remaining.findings];
  const isLeftAlone = findings.some(({ kind }) => kind === 'creationPaused');
  const { unequal } = published;
  const flaws = remaining.failures.length + verified.failed + unequal.length;
  const outcome: PassOutcome = flaws > 0 || isLeftAlone ? 'degraded' : 'converged';
  return {
    ...started,
    outcome,
    created,
    replaced: removed.replaced,
    deleted: removed.deleted,
    rebooted,
    verified: verified.verified,
    ...(verified.probes === undefined ? {} : { probes: verified.probes }),
    generation,
    failures: remaining.failures,
    findings,
    failedChecks: verified.failedChecks,
    ...(unequal.length === 0 ? {} : { unequalReplicas: unequal }),
    slowestBoots: verified.slowestBoots,
    artifacts: { ...started.artifacts, boots: verified.boots },
  };
}

/** Where the first new probes go, in the plan's order. */
function listCreating({ changes }: PassReport): readonly string[] {
  return changes
    .filter(({ action }) => action === 'create' || action === 'replace')
    .map(({ hypervisor }) => hypervisor);
}
