import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Inventory } from '../../src/domain/inventory.ts';
import { aHypervisor, anInventory, aPolicy, aProbe, NOW_MS, planOf } from '../support/builders.ts';

const phase = fc.constantFrom('active', 'building', 'deleting', 'migrating', 'stopped', 'error');

/** Regions of up to 12 hypervisors in any state, with up to two probes each, and probes of hypervisors that are gone. */
const inventory: fc.Arbitrary<Inventory> = fc
  .uniqueArray(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 12 })
  .chain((numbers) =>
    fc.tuple(
      ...numbers.map((number) =>
        fc.record({
          listed: fc.boolean(),
          hypervisor: fc.record({
            serviceHost: fc.constant(`cmp${String(number).padStart(3, '0')}`),
            enabled: fc.boolean(),
            up: fc.boolean(),
            occupied: fc.constantFrom(true, false, null),
            type: fc.constantFrom('QEMU', 'ironic'),
          }),
          probes: fc.array(
            fc.record({
              phase,
              revision: fc.constantFrom('rev0', 'rev1'),
              host: fc.constantFrom(`cmp${String(number).padStart(3, '0')}`, 'cmp999', null),
              address: fc.constantFrom('10.77.0.1', null),
              retireSince: fc.constantFrom(null, '2026-01-01T00:00:00Z'),
              createdAt: fc.constantFrom(new Date(NOW_MS).toISOString(), '2020-01-01T00:00:00Z'),
            }),
            { maxLength: 2 },
          ),
        }),
      ),
    ),
  )
  .map((rows) =>
    anInventory({
      hypervisors: rows.filter(({ listed }) => listed).map(({ hypervisor }) => aHypervisor(hypervisor)),
      probes: rows.flatMap(({ hypervisor, probes }) =>
        probes.map((probe, index) => aProbe(aHypervisor(hypervisor), { ...probe, generation: index + 1 })),
      ),
    }),
  );

function always(name: string, holds: (inventory: Inventory) => void): void {
  test(name, () => {
    fc.assert(fc.property(inventory, holds), { numRuns: 300 });
  });
}

describe('whatever a region looks like', () => {
  always('every listed hypervisor stands in the plan exactly once', (given) => {
    const own = planOf(given)
      .entries.filter(({ orphan }) => !orphan)
      .map(({ hypervisor }) => hypervisor);
    expect(own.toSorted()).toEqual(given.hypervisors.map(({ hostname }) => hostname).toSorted());
  });

  always('every probe stands in the plan exactly once', (given) => {
    const named = planOf(given).entries.flatMap((entry) =>
      'probe' in entry && entry.probe !== null ? [entry.probe.serverId] : [],
    );
    expect(named.toSorted()).toEqual(given.probes.map(({ serverId }) => serverId).toSorted());
  });

  always('nothing is made or removed on a hypervisor that is down', (given) => {
    const down = new Set(given.hypervisors.filter(({ up }) => !up).map(({ hostname }) => hostname));
    for (const entry of planOf(given).entries.filter(({ hypervisor }) => down.has(hypervisor))) {
      expect(['defer', 'keep', 'none']).toContain(entry.action);
    }
  });

  always('a hypervisor ends with at most one probe that the pass makes or keeps', (given) => {
    const up = new Set(given.hypervisors.filter((host) => host.up).map(({ hostname }) => hostname));
    const plan = planOf(given);
    for (const hypervisor of up) {
      const staying = plan.entries.filter(
        (entry) =>
          entry.hypervisor === hypervisor && ['create', 'replace', 'keep', 'defer'].includes(entry.action),
      );
      expect(staying.length).toBeLessThanOrEqual(1);
    }
  });

  always('a probe of a hypervisor that is gone is never removed at first sight', (given) => {
    const listed = new Set(given.hypervisors.map(({ hostname }) => hostname));
    const fresh = new Set(
      given.probes
        .filter((probe) => probe.retireSince === null && !listed.has(probe.hypervisor))
        .map(({ serverId }) => serverId),
    );
    for (const entry of planOf(given).entries) {
      if (entry.action === 'delete') expect(fresh.has(entry.probe.serverId)).toBe(false);
    }
  });

  always('a new probe never has the id of one that exists', (given) => {
    const present = new Set(given.probes.map(({ probeId }) => probeId));
    for (const entry of planOf(given).entries) {
      if (entry.action === 'create' || entry.action === 'replace')
        expect(present.has(entry.create.probeId)).toBe(false);
    }
  });

  always(
    'hypervisors without a probe and outdated ones that go first are never more than a batch',
    (given) => {
      const policy = aPolicy({ replace: 'break-before-make', replaceBatch: 3 });
      const { entries } = planOf(given, policy);
      const bare = entries.filter(({ action }) => action === 'create').length;
      const broken = entries.filter(
        (entry) => entry.action === 'replace' && entry.reason.code === 'outdated',
      ).length;
      expect(broken).toBeLessThanOrEqual(Math.max(0, policy.replaceBatch - bare));
    },
  );

  always('the same input gives the same plan', (given) => {
    expect(planOf(given)).toEqual(planOf(given));
  });
});
