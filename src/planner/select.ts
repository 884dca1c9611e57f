import { isBareMetal, type Hypervisor } from '../domain/hypervisor.ts';
import { describeTime, type Maintenance } from '../domain/orders.ts';
import type { Reason, ReasonCode } from '../domain/plan.ts';
import type { Selection, SelectionDecision, SelectionEntry } from '../domain/selection.ts';
import type { GlobMatch, Policy } from './policy.ts';

/** Decides for every hypervisor whether it must carry a probe, and why not where it needn't. */
export function computeSelection(
  hypervisors: readonly Hypervisor[],
  policy: Policy,
  matchGlobs: GlobMatch,
  maintenance: readonly Maintenance[] = [],
): Selection {
  const ordered = new Map(maintenance.map((order) => [order.hypervisor, order]));
  return hypervisors.map((hypervisor) =>
    selectOne(hypervisor, policy, matchGlobs, ordered.get(hypervisor.hostname)),
  );
}

function selectOne(
  hypervisor: Hypervisor,
  policy: Policy,
  matchGlobs: GlobMatch,
  order: Maintenance | undefined,
): SelectionEntry {
  const unwanted = computeExclusion(hypervisor, policy, matchGlobs);
  if (unwanted !== undefined) return entry(hypervisor, 'excluded', unwanted);
  if (order !== undefined) {
    const text = `in maintenance until ${describeTime(order.until)} by ${order.by}: ${order.reason}`;
    return entry(hypervisor, 'excluded', reason('inMaintenance', text));
  }
  if (!hypervisor.enabled) return selectDisabled(hypervisor, policy);
  if (!hypervisor.up) {
    return entry(
      hypervisor,
      'deferred',
      reason('hypervisorDown', 'enabled but down: nothing is made or removed there'),
    );
  }
  return entry(hypervisor, 'selected', reason('asPlanned', 'enabled and up'));
}

function computeExclusion(hypervisor: Hypervisor, policy: Policy, matchGlobs: GlobMatch): Reason | undefined {
  const { include, exclude, aggregates, availabilityZones } = policy.select;
  if (isBareMetal(hypervisor))
    return reason('bareMetal', `bare metal (${hypervisor.type}): a probe would cost a machine`);
  if (!matchGlobs(hypervisor.hostname, include))
    return reason('notIncluded', 'matches nothing in select.include');
  if (exclude.length > 0 && matchGlobs(hypervisor.hostname, exclude)) {
    return reason('excluded', 'matches select.exclude');
  }
  if (
    aggregates.include.length > 0 &&
    !hypervisor.aggregates.some((name) => aggregates.include.includes(name))
  ) {
    return reason('otherAggregate', 'in no aggregate of select.aggregates.include');
  }
  const excludedAggregate = hypervisor.aggregates.find((name) => aggregates.exclude.includes(name));
  if (excludedAggregate !== undefined) {
    return reason('excludedAggregate', `in aggregate ${excludedAggregate} of select.aggregates.exclude`);
  }
  if (availabilityZones.length > 0 && !availabilityZones.includes(hypervisor.availabilityZone ?? '')) {
    return reason('otherAvailabilityZone', 'in none of select.availabilityZones');
  }
  return undefined;
}

/**
 * Disabled isn't always maintenance: Nova disables a service itself (`AUTO:`), evacuation disables before
 * it evacuates, and a hot host is disabled to unload it, when its probe is needed most.
 */
function selectDisabled(hypervisor: Hypervisor, policy: Policy): SelectionEntry {
  const why = hypervisor.disabledReason ?? '';
  const retained = (text: string): SelectionEntry => entry(hypervisor, 'retained', reason('retained', text));
  if (policy.select.disabled === 'keep') return retained('disabled; select.disabled is keep');
  if (!hypervisor.up) return retained('disabled and down: its guests may live on');
  if (policy.select.disabled === 'remove') {
    return entry(hypervisor, 'retiring', reason('disabled', 'disabled; select.disabled is remove'));
  }
  if (why.startsWith('AUTO:')) return retained('disabled by Nova itself');
  if (
    policy.select.maintenanceReason !== null &&
    new RegExp(policy.select.maintenanceReason, 'u').test(why)
  ) {
    return entry(hypervisor, 'retiring', reason('maintenance', 'disabled for maintenance, by its reason'));
  }
  if (hypervisor.occupied !== false) return retained('disabled, and other servers still run there');
  return entry(hypervisor, 'retiring', reason('disabled', 'disabled and drained'));
}

function entry(hypervisor: Hypervisor, decision: SelectionDecision, why: Reason): SelectionEntry {
  return { hypervisor: hypervisor.hostname, decision, reason: why };
}

function reason(code: ReasonCode, text: string): Reason {
  return { code, text };
}
