import { compareText } from '../domain/document.ts';
import type { Hypervisor } from '../domain/hypervisor.ts';
import type { Plan, PlanEntry } from '../domain/plan.ts';
import { probeRef, type Probe } from '../domain/probe.ts';
import type { SelectionEntry } from '../domain/selection.ts';
import { isBeyondUse } from './beyondUse.ts';
import { boundRollout } from './bound.ts';
import { Exporters, type ExporterState } from './exporters.ts';
import { checkGuard, computeLimit } from './guard.ts';
import type { PlanInput, PlanState } from './input.ts';
import { listLastAddresses } from './lastAddresses.ts';
import { newProbe } from './newProbe.ts';
import { Pauses } from './pause.ts';
import { driftOf, planPresent, unretire } from './present.ts';
import { Rollout } from './rollout.ts';
import { planStranded } from './stranded.ts';
import { Turns } from './turns.ts';
import { unconfirmedReason } from './unconfirmed.ts';
import { findUnlisted } from './unlisted.ts';

/** The difference between the selection and the probes that exist. The same input gives the same plan. */
export function computePlan(input: PlanInput): Plan {
  const { inventory, selection, policy } = input;
  const entries: PlanEntry[] = [];
  const inReach: Probe[] = [];
  const byServiceHost = new Map(
    inventory.hypervisors.map((hypervisor) => [hypervisor.serviceHost, hypervisor]),
  );
  for (const probe of inventory.probes) {
    const stranded = planStranded(probe, byServiceHost);
    if (stranded === undefined) inReach.push(probe);
    else entries.push(stranded);
  }
  const byHypervisor = Map.groupBy(inReach, (probe) => probe.hypervisor);
  const hosts = new Map(inventory.hypervisors.map((hypervisor) => [hypervisor.hostname, hypervisor]));
  const exporters = new Exporters(inventory);
  const lastAddresses = listLastAddresses(inventory.published, inventory.probes);
  const reach = { exporters, lastAddresses };
  const ranked = new Map(
    inventory.hypervisors.map((hypervisor) => [
      hypervisor.hostname,
      rankProbes(byHypervisor.get(hypervisor.hostname) ?? [], hypervisor, input, reach),
    ]),
  );
  const own = [...ranked.values()].flatMap(([first]) => first ?? []);
  const state: PlanState = {
    rollout: new Rollout(input, exporters, own),
    pauses: new Pauses(inventory, policy.pauseMs, input.nowMs),
    ...reach,
    repairs: new Turns(computeLimit(policy.deletesMax, inventory.probes.length + inventory.unlisted.length)),
  };

  const probesOf = (hostname: string): readonly Probe[] => ranked.get(hostname) ?? [];
  // What an interrupted pass has begun has its turn before another replacement begins.
  const inTurn = selection.toSorted((a, b) => probesOf(b.hypervisor).length - probesOf(a.hypervisor).length);
  for (const selected of inTurn) {
    const hypervisor = hosts.get(selected.hypervisor);
    if (hypervisor !== undefined)
      entries.push(...planHypervisor(hypervisor, selected, probesOf(hypervisor.hostname), input, state));
  }
  for (const probe of inReach.filter(({ hypervisor }) => !hosts.has(hypervisor))) {
    entries.push(planGone(probe, input));
  }

  const sorted = entries.toSorted(
    (a, b) => compareText(a.hypervisor, b.hypervisor) || Number(a.orphan) - Number(b.orphan),
  );
  const bounded = boundRollout(inventory, sorted, policy);
  return {
    installation: inventory.installation,
    region: inventory.region,
    revision: inventory.revision,
    entries: bounded,
    held: checkGuard(inventory, bounded, policy),
  };
}

/** The hypervisor's own entry, and those of the probes that it has too many. */
function planHypervisor(
  hypervisor: Hypervisor,
  selected: SelectionEntry,
  [own, ...spare]: readonly Probe[],
  input: PlanInput,
  state: PlanState,
): readonly PlanEntry[] {
  const successor = own === undefined ? undefined : findSuccessor(own, spare, hypervisor, input, state);
  const entry = planOne(hypervisor, selected, own, successor, input, state);
  const made = entry.action === 'replace' ? entry.create.probeId : undefined;
  const orphans = spare
    .filter(({ probeId }) => probeId !== made)
    .map((probe) => planSpare(probe, own, hypervisor, state));
  return [entry, ...orphans];
}

/** What an interrupted pass made to replace a probe, if it is or may still become as planned. */
function findSuccessor(
  own: Probe,
  spare: readonly Probe[],
  hypervisor: Hypervisor,
  input: PlanInput,
  state: PlanState,
): Probe | undefined {
  const [successor] = spare;
  // Of more than one nothing tells which it is.
  if (successor === undefined || spare.length > 1) return undefined;
  const { generation, revision } = successor;
  if (generation <= own.generation || revision !== input.inventory.revision) return undefined;
  const drift = driftOf(successor, hypervisor, input, state);
  return drift === undefined || drift.reason.code === 'building' ? successor : undefined;
}

function planOne(
  hypervisor: Hypervisor,
  selected: SelectionEntry,
  own: Probe | undefined,
  successor: Probe | undefined,
  input: PlanInput,
  state: PlanState,
): PlanEntry {
  const base = { hypervisor: hypervisor.hostname, orphan: false, reason: selected.reason };
  switch (selected.decision) {
    case 'selected':
      return own === undefined
        ? planEmpty(hypervisor, input, state)
        : planPresent(hypervisor, own, successor, input, state);
    case 'deferred':
      return own === undefined
        ? { ...base, action: 'defer', probe: findUnlisted(hypervisor, input) }
        : { ...base, action: 'defer', probe: probeRef(own), ...unretire(own) };
    case 'retained':
      return own === undefined
        ? { ...base, action: 'none' }
        : { ...base, action: 'keep', probe: probeRef(own), ...unretire(own) };
    case 'retiring':
      return own === undefined ? { ...base, action: 'none' } : planRetiring(base, own, input);
    case 'excluded':
      if (own === undefined) return { ...base, action: 'none' };
      return hypervisor.up
        ? { ...base, action: 'delete', probe: probeRef(own) }
        : {
            ...base,
            action: 'defer',
            probe: probeRef(own),
            ...unretire(own),
            reason: {
              code: 'hypervisorDown',
              text: `${selected.reason.text}; stays while the hypervisor is down`,
            },
          };
  }
}

type RetiringBase = Pick<PlanEntry, 'hypervisor' | 'orphan' | 'reason'>;

/**
 * Goes in the second pass in a row that finds it so; the first one writes that into its metadata. What measures nothing any
 * more goes at once: Nova takes no metadata for it.
 */
function planRetiring(base: RetiringBase, probe: Probe, input: PlanInput): PlanEntry {
  if (probe.retireSince !== null || isBeyondUse(probe, input))
    return { ...base, action: 'delete', probe: probeRef(probe) };
  const reason = {
    code: 'retiring',
    text: `${base.reason.text}; goes if the next pass finds it so too`,
  } as const;
  return { ...base, reason, action: 'keep', probe: probeRef(probe), mark: 'retire' };
}

function planGone(probe: Probe, input: PlanInput): PlanEntry {
  const reason = { code: 'hypervisorGone', text: 'Nova no longer lists its hypervisor' } as const;
  return planRetiring({ hypervisor: probe.hypervisor, orphan: true, reason }, probe, input);
}

/** Goes only when the other one is known to answer, or it is known not to; of twins nothing could tell that apart. */
function planSpare(
  probe: Probe,
  own: Probe | undefined,
  hypervisor: Hypervisor,
  { exporters }: PlanState,
): PlanEntry {
  const base = { hypervisor: probe.hypervisor, orphan: true, probe: probeRef(probe) };
  const reason = { code: 'duplicate', text: 'another probe of this hypervisor is the better one' } as const;
  if (!hypervisor.up) return { ...base, action: 'defer', reason, ...unretire(probe) };
  const isTwin = own?.probeId === probe.probeId;
  const isOwnUp = own !== undefined && exporters.of(own) === 'answer';
  if (!isTwin && !isOwnUp && DOUBT[exporters.of(probe)] < DOWN) {
    const text = 'one of two probes; Prometheus doesn’t tell which of them answers';
    return { ...base, action: 'defer', reason: { ...reason, text }, ...unretire(probe) };
  }
  return { ...base, action: 'delete', reason };
}

/** That something answers nobody. */
const DOWN = 2;

/** How little is known for a probe to be of use. */
const DOUBT: Readonly<Record<ExporterState, number>> = {
  answer: 0,
  unclear: 1,
  unknown: 1,
  unseen: DOWN,
  silent: DOWN,
};

/**
 * The best one first. One that answers comes before any that Prometheus has not seen up, even one that is as planned:
 * that may be a successor that was never verified.
 */
function rankProbes(
  probes: readonly Probe[],
  hypervisor: Hypervisor,
  input: PlanInput,
  reach: Pick<PlanState, 'exporters' | 'lastAddresses'>,
): readonly Probe[] {
  const { exporters } = reach;
  const rank = (probe: Probe): number => {
    const drift = driftOf(probe, hypervisor, input, reach);
    if (drift === undefined) return 0;
    if (drift.reason.code === 'outdated') return 1;
    return drift.remedy === 'replace' ? 3 : 2;
  };
  return probes.toSorted(
    (a, b) =>
      DOUBT[exporters.of(a)] - DOUBT[exporters.of(b)] ||
      rank(a) - rank(b) ||
      b.generation - a.generation ||
      compareText(a.serverId, b.serverId),
  );
}

function planEmpty(hypervisor: Hypervisor, input: PlanInput, { pauses }: PlanState): PlanEntry {
  const base = { hypervisor: hypervisor.hostname, orphan: false };
  const unlisted = findUnlisted(hypervisor, input);
  if (unlisted !== null) {
    const text = 'published, not in Nova’s list, and not confirmed to be gone';
    return { ...base, action: 'defer', probe: unlisted, reason: { code: 'unlisted', text } };
  }
  const made = unconfirmedReason(hypervisor, input);
  if (made !== undefined) return { ...base, action: 'defer', probe: null, reason: made };
  const pause = pauses.on(hypervisor.hostname);
  if (pause !== undefined) return { ...base, action: 'defer', probe: null, reason: pause };
  const reason = { code: 'missing', text: 'has no probe' } as const;
  return { ...base, action: 'create', create: newProbe(hypervisor, input), reason };
}
