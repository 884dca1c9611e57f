import { describe, expect, test } from 'vitest';
import { computePeers } from '../../../src/domain/document.ts';
import type { Inventory } from '../../../src/domain/inventory.ts';
import type { Probe } from '../../../src/domain/probe.ts';
import { computeRoster } from '../../../src/planner/roster.ts';
import { anInventory, aProbe, hypervisors, NOW_MS, planLines, planOf } from '../../support/builders.ts';

const hosts = hypervisors(10);
const probes = hosts.map((host, index) => aProbe(host, { address: `10.77.0.${index + 1}` }));
const published = computePeers(rosterOf(anInventory({ hypervisors: hosts, probes })));

/** Ten published probes; of the first ones Nova shows no address now, and some of those don't answer either. */
function forget(count: number, silent: number, fields: Partial<Probe> = {}): Inventory {
  const ids = probes.slice(0, silent).map(({ probeId }) => probeId);
  return anInventory({
    hypervisors: hosts,
    probes: probes.map((probe, index) => (index < count ? { ...probe, address: null, ...fields } : probe)),
    published,
    exporters: { watched: 10, silent: ids, unanswered: ids },
  });
}

function rosterOf(inventory: Inventory) {
  const none: ReadonlySet<string> = new Set();
  const plan = planOf(inventory);
  return computeRoster({ plan, inventory, probes: inventory.probes, proven: none, unproven: none });
}

describe('a published probe of which Nova shows no address', () => {
  test('stays as it is, and published where it was, while it answers there', () => {
    const inventory = forget(1, 0);
    const { entries } = planOf(inventory);

    expect(entries[0]).toMatchObject({
      action: 'defer',
      reason: {
        code: 'noAddress',
        text: 'active without an address; stays published at 10.77.0.1 until its exporters are silent',
      },
    });
    expect(computePeers(rosterOf(inventory))).toEqual(published);
  });

  test('is replaced when it is silent too, and published until its successor answers', () => {
    const inventory = forget(1, 1);

    expect(planLines(planOf(inventory))[0]).toBe('cmp001 replace noAddress');
    expect(computePeers(rosterOf(inventory))).toEqual(published);
  });

  test('is let go of when another probe has its address', () => {
    const inventory = forget(1, 0);
    const [first, second, ...others] = inventory.probes;
    if (first === undefined || second === undefined) throw new Error('there are ten');
    const given = { ...inventory, probes: [first, { ...second, address: '10.77.0.1' }, ...others] };

    expect(planLines(planOf(given)).slice(0, 2)).toEqual([
      'cmp001 replace noAddress',
      'cmp002 keep asPlanned',
    ]);
    expect(rosterOf(given).map(({ serverId }) => serverId)).not.toContain(first.serverId);
  });

  test.each([0, 10])('costs no monitoring when it is all of them, %i of which are silent', (silent) => {
    const inventory = forget(10, silent);
    const { entries, held } = planOf(inventory);

    expect(new Set(entries.map(({ action }) => action))).toEqual(new Set(['defer']));
    expect(held).toEqual([]);
    expect(computePeers(rosterOf(inventory))).toEqual(published);
  });
});

describe('a probe that never had an address', () => {
  const without = (launchedAt: string) =>
    planLines(planOf({ ...forget(1, 0, { launchedAt }), published: published.slice(0, 0) }))[0];

  test('is left to get one while it is young', () => {
    expect(without(new Date(NOW_MS - 60_000).toISOString())).toBe('cmp001 defer noAddress');
  });

  test('is replaced when it has had its time', () => {
    expect(without(new Date(NOW_MS - 3_600_000).toISOString())).toBe('cmp001 replace noAddress');
  });
});
