import { describe, expect, test } from 'vitest';
import { computeFallback } from '../../../src/planner/fallback.ts';
import type { Inventory } from '../../../src/domain/inventory.ts';
import type { PlanEntry } from '../../../src/domain/plan.ts';
import type { Probe } from '../../../src/domain/probe.ts';
import type { Policy } from '../../../src/planner/policy.ts';
import { anInventory, aPolicy, aProbe, hypervisors, planOf } from '../../support/builders.ts';

const hosts = hypervisors(30);

/** 30 hypervisors with a probe each, the first ones of which are so. */
function aRegion(count: number, fields: Partial<Probe>): Inventory {
  const probes = hosts.map((host, index) => aProbe(host, index < count ? fields : {}));
  return anInventory({ hypervisors: hosts, probes });
}

/** What becomes of the plan when none of its new probes finds room; only of what it changes or puts off. */
function fallBack(inventory: Inventory, policy: Policy = aPolicy()): readonly PlanEntry[] {
  const plan = planOf(inventory, policy);
  const made = plan.entries.flatMap((entry) => (entry.action === 'replace' ? [entry.create.probeId] : []));
  const { entries } = computeFallback(plan, new Set(made), policy.deletesMax);
  return entries.filter(({ action }) => action !== 'keep');
}

function ordersOf(entries: readonly PlanEntry[]): readonly string[] {
  return entries.map((entry) => (entry.action === 'replace' ? entry.order : entry.action));
}

describe('where there is no room for two', () => {
  test('broken probes go first, as many as the guard lets one pass remove, and the others stay', () => {
    const entries = fallBack(aRegion(5, { phase: 'error' }));

    expect(ordersOf(entries)).toEqual([...Array<string>(3).fill('break-before-make'), 'defer', 'defer']);
    expect(entries[4]?.reason).toEqual({
      code: 'unplaceable',
      text: 'in ERROR; no room for two, and waits for its turn: limits.deletesMax lets 3 go first',
    });
  });

  test('none goes first where the guard lets nothing pass', () => {
    const policy = aPolicy({ deletesMax: { kind: 'count', count: 0 } });
    expect(ordersOf(fallBack(aRegion(2, { phase: 'error' }), policy))).toEqual(['defer', 'defer']);
  });

  test('what the plan removes anyway counts too', () => {
    const { probes, ...rest } = aRegion(5, { phase: 'error' });
    const hypervisors = hosts.map((host, index) =>
      index < 2 ? { ...host, enabled: false, occupied: false } : host,
    );
    expect(ordersOf(fallBack({ ...rest, probes, hypervisors }))).toEqual([
      ...['delete', 'delete', 'break-before-make', 'defer', 'defer'],
    ]);
  });

  test('outdated ones are limited by the guard as well as by their batch', () => {
    expect(ordersOf(fallBack(aRegion(29, { revision: 'rev0' })))).toEqual([
      ...Array<string>(3).fill('break-before-make'),
      ...['defer', 'defer'],
    ]);
  });
});
