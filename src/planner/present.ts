import type { Hypervisor } from '../domain/hypervisor.ts';
import type { PlanEntry } from '../domain/plan.ts';
import { probeRef, type Probe } from '../domain/probe.ts';
import type { PlanInput, PlanState } from './input.ts';
import { madeProbe, newProbe } from './newProbe.ts';
import { unconfirmedReason } from './unconfirmed.ts';
import { findUnlisted } from './unlisted.ts';
import { computeDrift, type Drift } from './reasons/index.ts';
import { waits, type Turn } from './rollout.ts';

const FREE: Turn = { kind: 'free' };

/** An outdated probe works: where replacing it failed even once, others have their turn first. */
const OUTDATED_PATIENCE = 1;

/**
 * What becomes of the probe of a hypervisor that must carry one.
 *
 * @param successor - what an earlier pass made to replace it, and neither verified nor removed.
 */
export function planPresent(
  hypervisor: Hypervisor,
  own: Probe,
  successor: Probe | undefined,
  input: PlanInput,
  state: PlanState,
): PlanEntry {
  const { rollout, pauses, repairs } = state;
  const base = { hypervisor: hypervisor.hostname, orphan: false, probe: probeRef(own), ...unretire(own) };
  const drift = driftOf(own, hypervisor, input, state);
  if (drift === undefined)
    return { ...base, action: 'keep', reason: { code: 'asPlanned', text: 'as planned' } };
  if (drift.remedy === 'wait') return { ...base, action: 'defer', reason: drift.reason };
  const isOutdated = drift.reason.code === 'outdated';
  const because = (why: string): string => `${drift.reason.text}; ${why}`;
  const pause =
    successor === undefined ? pauses.on(hypervisor.hostname, isOutdated ? OUTDATED_PATIENCE : 0) : undefined;
  if (pause !== undefined && drift.remedy === 'replace' && !isOutdated)
    return { ...base, action: 'defer', reason: { ...pause, text: because(pause.text) } };
  if (drift.reason.code === 'silent' && !repairs.take()) {
    const text = because(`waits for its turn: one pass repairs ${repairs.max} silent probes`);
    return { ...base, action: 'defer', reason: { code: 'silent', text } };
  }
  if (drift.remedy === 'reboot')
    return { ...base, action: 'reboot', rebootedAt: own.rebootedAt, reason: drift.reason };
  const made = unconfirmedReason(hypervisor, input);
  if (made !== undefined)
    return { ...base, action: 'defer', reason: { ...made, text: because(`its successor was ${made.text}`) } };
  if (findUnlisted(hypervisor, input) !== null) {
    const text = because('another one is published, not in Nova’s list, and not confirmed to be gone');
    return { ...base, action: 'defer', reason: { code: 'unlisted', text } };
  }
  const turn = !isOutdated ? FREE : pause === undefined ? rollout.take() : waits(pause.text);
  if (turn.kind === 'waits')
    return { ...base, action: 'keep', reason: { code: 'outdated', text: because(turn.why) } };
  if (successor !== undefined)
    return {
      ...base,
      action: 'replace',
      create: madeProbe(hypervisor, successor),
      order: 'make-before-break',
      noRoom: 'keep',
      reason: { ...drift.reason, text: because('an earlier pass has made its successor') },
    };
  // A probe that stands elsewhere takes up no room here.
  const mayBreak = own.host === hypervisor.serviceHost && turn.kind !== 'beside';
  return {
    ...base,
    action: 'replace',
    create: newProbe(hypervisor, input),
    order: input.policy.replace,
    noRoom: mayBreak ? 'break-before-make' : 'keep',
    reason: drift.reason,
  };
}

/** The first way in which a probe isn't as planned; `undefined` when it is. */
export function driftOf(
  probe: Probe,
  hypervisor: Hypervisor,
  { inventory, policy, nowMs }: PlanInput,
  { exporters, lastAddresses }: Pick<PlanState, 'exporters' | 'lastAddresses'>,
): Drift | undefined {
  const { buildMs, deletingMs, bootMs } = policy;
  const ages = { buildMs, deletingMs, bootMs, nowMs };
  return computeDrift({
    probe,
    hypervisor,
    revision: inventory.revision,
    exporters: exporters.of(probe),
    lastAddress: lastAddresses.get(probe.serverId),
    ...ages,
  });
}

/** Takes back that a probe has had a reason to go. */
export function unretire(probe: Probe): { mark?: 'unretire' } {
  return probe.retireSince === null ? {} : { mark: 'unretire' };
}
