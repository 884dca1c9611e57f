import { describe, expect, test } from 'vitest';
import type { Peer } from '../../../src/domain/document.ts';
import type { Hypervisor } from '../../../src/domain/hypervisor.ts';
import { isBroken, type Plan } from '../../../src/domain/plan.ts';
import type { Probe } from '../../../src/domain/probe.ts';
import {
  aHypervisor,
  anInventory,
  aPolicy,
  aProbe,
  hypervisors,
  NOW_MS,
  planLines,
  planOf,
} from '../../support/builders.ts';

const one = aHypervisor();

function planFor(hypervisor: Partial<Hypervisor>, probe: Partial<Probe> | null): readonly string[] {
  const host = aHypervisor(hypervisor);
  return planLines(
    planOf(anInventory({ hypervisors: [host], probes: probe === null ? [] : [aProbe(host, probe)] })),
  );
}

function agoSeconds(seconds: number): string {
  return new Date(NOW_MS - seconds * 1000).toISOString();
}

describe('a hypervisor that must carry a probe', () => {
  test('gets one when it has none', () => {
    expect(planFor({}, null)).toEqual(['cmp001 create missing']);
  });

  test('keeps one that is as planned', () => {
    expect(planFor({}, {})).toEqual(['cmp001 keep asPlanned']);
  });

  test.each<[Partial<Probe>, string]>([
    [{ phase: 'error', fault: 'boom' }, 'cmp001 replace error'],
    [{ host: 'cmp009' }, 'cmp001 replace misplaced'],
    [{ phase: 'stopped' }, 'cmp001 replace stopped'],
    [{ address: null }, 'cmp001 replace noAddress'],
    [{ revision: 'rev0' }, 'cmp001 replace outdated'],
    [{ phase: 'building', createdAt: agoSeconds(299) }, 'cmp001 defer building'],
    [{ phase: 'building', createdAt: agoSeconds(301) }, 'cmp001 replace stuckBuilding'],
    [{ phase: 'deleting', deletingSince: agoSeconds(899) }, 'cmp001 defer deleting'],
    [{ phase: 'deleting', deletingSince: agoSeconds(901) }, 'cmp001 replace stuckDeleting'],
    [{ phase: 'deleting' }, 'cmp001 defer deleting'],
    [{ phase: 'softDeleted' }, 'cmp001 replace softDeleted'],
    [{ phase: 'migrating', host: 'cmp009' }, 'cmp001 defer migrating'],
    [{ retireSince: '2026-01-01T00:00:00Z' }, 'cmp001 keep asPlanned +unretire'],
  ])('has its drift %j seen', (probe, line) => {
    expect(planFor({}, probe)).toEqual([line]);
  });

  test('gets a successor of the next generation, with an id of its own', () => {
    const plan = planOf(anInventory({ probes: [aProbe(one, { phase: 'error' })] }));
    const [entry] = plan.entries;
    if (entry?.action !== 'replace') throw new Error('expected a replacement');
    expect(entry.create.generation).toBe(2);
    expect(entry.create.probeId).not.toBe(entry.probe.probeId);
  });
});

describe('a hypervisor that is down or disabled', () => {
  test.each<[string, Partial<Hypervisor>, Partial<Probe> | null, string]>([
    ['down, without a probe', { up: false }, null, 'cmp001 defer hypervisorDown'],
    ['down, with a probe in any state', { up: false }, { phase: 'error' }, 'cmp001 defer hypervisorDown'],
    [
      'disabled by Nova itself',
      { enabled: false, disabledReason: 'AUTO: libvirt lost', occupied: false },
      {},
      'cmp001 keep retained',
    ],
    ['disabled while others run there', { enabled: false, occupied: true }, {}, 'cmp001 keep retained'],
    ['disabled, nobody knows who runs there', { enabled: false, occupied: null }, {}, 'cmp001 keep retained'],
    ['disabled and down', { enabled: false, up: false, occupied: false }, {}, 'cmp001 keep retained'],
    ['drained, seen first', { enabled: false, occupied: false }, {}, 'cmp001 keep retiring +retire'],
    [
      'drained, seen again',
      { enabled: false, occupied: false },
      { retireSince: '2026-01-01T00:00:00Z' },
      'cmp001 delete disabled',
    ],
    [
      'in maintenance, seen again',
      { enabled: false, occupied: true, disabledReason: 'MAINT disk' },
      { retireSince: 'x' },
      'cmp001 delete maintenance',
    ],
    ['disabled, without a probe', { enabled: false, occupied: false }, null, 'cmp001 none disabled'],
    ['bare metal', { type: 'ironic' }, null, 'cmp001 none bareMetal'],
    [
      'down, with a probe that had a reason to go in the pass before',
      { up: false },
      { retireSince: 'x' },
      'cmp001 defer hypervisorDown +unretire',
    ],
    [
      'excluded and down, with such a probe',
      { type: 'ironic', up: false },
      { retireSince: 'x' },
      'cmp001 defer hypervisorDown +unretire',
    ],
  ])('%s', (_name, hypervisor, probe, line) => {
    expect(planFor(hypervisor, probe)).toEqual([line]);
  });

  test('loses nothing while it is down, even when configuration excludes it', () => {
    const host = aHypervisor({ up: false });
    const policy = aPolicy({ select: { ...aPolicy().select, exclude: ['cmp*'] } });

    const plan = planOf(anInventory({ hypervisors: [host], probes: [aProbe(host)] }), policy);

    expect(planLines(plan)).toEqual(['cmp001 defer hypervisorDown']);
  });
});

describe('a hypervisor in maintenance', () => {
  const said = { by: 'me@host', at: '2026-01-02T03:00:00Z', until: '2026-01-02T05:00:00Z', reason: 'disk' };
  const order = { hypervisor: one.hostname, ...said };

  function planOrdered(hypervisor: Partial<Hypervisor>, withProbe: boolean) {
    const host = aHypervisor(hypervisor);
    const probes = withProbe ? [aProbe(host)] : [];
    return planOf(anInventory({ hypervisors: [host], probes, maintenance: [order] }));
  }

  test('loses its probe in the first pass that knows, with the words of the order', () => {
    const [entry] = planOrdered({}, true).entries;

    expect(entry).toMatchObject({ action: 'delete', reason: { code: 'inMaintenance' } });
    expect(entry?.reason.text).toBe('in maintenance until 2026-01-02 05:00Z by me@host: disk');
  });

  test('loses it while it is disabled too, and gets none', () => {
    const occupied = { enabled: false, occupied: true };
    expect(planLines(planOrdered(occupied, true))).toEqual(['cmp001 delete inMaintenance']);
    expect(planLines(planOrdered({}, false))).toEqual(['cmp001 none inMaintenance']);
  });

  test('keeps it while it is down', () => {
    expect(planLines(planOrdered({ up: false }, true))).toEqual(['cmp001 defer hypervisorDown']);
  });

  test('is the only one of which the order speaks', () => {
    const [first, second] = hypervisors(2);
    if (first === undefined || second === undefined) throw new Error('there are two');
    const probes = [aProbe(first), aProbe(second)];
    const inventory = anInventory({ hypervisors: [first, second], probes, maintenance: [order] });

    expect(planLines(planOf(inventory))).toEqual(['cmp001 delete inMaintenance', 'cmp002 keep asPlanned']);
  });

  test('counts for the guard as any removal', () => {
    const hosts = hypervisors(6);
    const maintenance = hosts.slice(0, 3).map(({ hostname }) => ({ ...order, hypervisor: hostname }));
    const inventory = anInventory({
      hypervisors: hosts,
      probes: hosts.map((host) => aProbe(host)),
      maintenance,
    });

    expect(planOf(inventory).held).toEqual(['deletes 3 of 6 probes; limits.deletesMax allows 2']);
  });
});

describe('probes without a place', () => {
  test('of two for one hypervisor the better one stays', () => {
    const probes = [aProbe(one, { phase: 'error' }), aProbe(one, { generation: 2 })];
    expect(planLines(planOf(anInventory({ probes })))).toEqual([
      'cmp001 keep asPlanned',
      'cmp001 delete duplicate',
    ]);
  });

  test('whose hypervisor is gone go in the second pass that finds it so', () => {
    const gone = aHypervisor({ serviceHost: 'cmp000' });
    const first = planOf(anInventory({ probes: [aProbe(gone), aProbe(one)] }));
    const second = planOf(anInventory({ probes: [aProbe(gone, { retireSince: 'x' }), aProbe(one)] }));

    expect(planLines(first)).toContain('cmp000 keep retiring +retire');
    expect(planLines(second)).toContain('cmp000 delete hypervisorGone');
  });

  test.each(['error', 'softDeleted'] as const)(
    'whose hypervisor is gone and that are in phase %s go at once',
    (phase) => {
      const gone = aHypervisor({ serviceHost: 'cmp000' });
      const plan = planOf(anInventory({ probes: [aProbe(gone, { phase }), aProbe(one)] }));
      expect(planLines(plan)).toContain('cmp000 delete hypervisorGone');
    },
  );

  test('that were published and are missing from the list are not made a second time', () => {
    const peer = {
      probe_id: '0a0a0a0a',
      server_id: 's',
      address: '10.77.0.1',
      hypervisor: one.hostname,
      availability_zone: null,
    };
    const plan = planOf(anInventory({ unlisted: [peer], published: [peer] }));
    expect(planLines(plan)).toEqual(['cmp001 defer unlisted']);
  });

  test('that were moved elsewhere and are missing from the list are missed where they belong', () => {
    const [home, other] = hypervisors(2) as [Hypervisor, Hypervisor];
    const peer = {
      probe_id: '0a0a0a0a',
      server_id: 's',
      address: '10.77.0.1',
      hypervisor: other.hostname,
      made_for: home.hostname,
      availability_zone: null,
    };
    const region = { hypervisors: [home, other], unlisted: [peer], published: [peer] };

    const [deferred, made] = planOf(anInventory(region)).entries;
    const failed = planOf(anInventory({ ...region, probes: [aProbe(home, { phase: 'error' })] }));

    expect(deferred).toMatchObject({ action: 'defer', probe: { name: 'probe-cmp001-0a0a0a0a' } });
    expect(made).toMatchObject({ action: 'create', hypervisor: other.hostname });
    expect(planLines(failed)).toEqual(['cmp001 defer unlisted', 'cmp002 create missing']);
  });

  describe('that an earlier pass made and never saw', () => {
    const unconfirmed = [{ hypervisor: one.hostname, probeId: '0a0a0a0a', serverId: 'server-9' }];

    test('are not made a second time', () => {
      const { entries } = planOf(anInventory({ unconfirmed }));
      expect(entries).toMatchObject([
        {
          action: 'defer',
          probe: null,
          reason: {
            code: 'unlisted',
            text: 'made as server server-9, not in Nova’s list, and not confirmed to be gone',
          },
        },
      ]);
    });

    test('leave the probe that they were to replace as it is', () => {
      const probes = [aProbe(one, { phase: 'error' })];
      expect(planLines(planOf(anInventory({ probes, unconfirmed })))).toEqual(['cmp001 defer unlisted']);
    });

    test('keep no other hypervisor from its probe', () => {
      const plan = planOf(anInventory({ hypervisors: hypervisors(2), unconfirmed }));
      expect(planLines(plan)).toEqual(['cmp001 defer unlisted', 'cmp002 create missing']);
    });
  });
});

describe('a new revision', () => {
  const many = hypervisors(8);

  test('goes to one canary first', () => {
    const plan = planOf(
      anInventory({ hypervisors: many, probes: many.map((host) => aProbe(host, { revision: 'rev0' })) }),
    );
    expect(plan.entries.filter(({ action }) => action === 'replace')).toHaveLength(1);
  });

  test('then to a batch a pass', () => {
    const probes = many.map((host, index) => aProbe(host, { revision: index === 0 ? 'rev1' : 'rev0' }));
    const plan = planOf(anInventory({ hypervisors: many, probes }));
    expect(plan.entries.filter(({ action }) => action === 'replace')).toHaveLength(5);
  });
});

describe('the order in which a probe is replaced', () => {
  const many = hypervisors(4);
  const outdated = many.map((host) => aProbe(host, { revision: 'rev0' }));
  const breakFirst = aPolicy({ replace: 'break-before-make' });
  const ordersOf = (...given: Parameters<typeof planOf>): readonly string[] =>
    planOf(...given).entries.flatMap((entry) =>
      entry.action === 'replace' ? [`${entry.order}, without room ${entry.noRoom}`] : [],
    );

  test('is make-before-break, and the other where there is no room for two', () => {
    const probes = [aProbe(one, { phase: 'error' })];
    expect(ordersOf(anInventory({ probes }))).toEqual(['make-before-break, without room break-before-make']);
  });

  test('is what the configuration says', () => {
    const probes = [aProbe(one, { phase: 'error' })];
    expect(ordersOf(anInventory({ probes }), breakFirst)).toEqual([
      'break-before-make, without room break-before-make',
    ]);
  });

  test('does not change for want of room when the old probe stands on another hypervisor', () => {
    const probes = [aProbe(one, { host: 'cmp009' })];
    expect(ordersOf(anInventory({ probes }))).toEqual(['make-before-break, without room keep']);
  });

  test('keeps an outdated probe for want of room while another hypervisor has none', () => {
    const inventory = anInventory({ hypervisors: many, probes: outdated.slice(1) });
    expect(ordersOf(inventory)).toEqual(['make-before-break, without room keep']);
  });

  test('lets no outdated probe go first while a hypervisor without one tries the new revision', () => {
    const inventory = anInventory({ hypervisors: many, probes: outdated.slice(1) });
    expect(planLines(planOf(inventory, breakFirst))).toEqual([
      'cmp001 create missing',
      'cmp002 keep outdated',
      'cmp003 keep outdated',
      'cmp004 keep outdated',
    ]);
  });

  test('counts hypervisors without a probe against the batch', () => {
    const [, , ...rest] = many.map((host, index) =>
      aProbe(host, { revision: index === 2 ? 'rev1' : 'rev0' }),
    );
    const inventory = anInventory({ hypervisors: many, probes: rest });
    expect(ordersOf(inventory, { ...breakFirst, replaceBatch: 3 })).toHaveLength(1);
    expect(ordersOf(inventory, { ...breakFirst, replaceBatch: 2 })).toHaveLength(0);
  });
});

describe('the guard', () => {
  const published = (probes: readonly Probe[]): readonly Peer[] =>
    probes.map(({ probeId, serverId, address, hypervisor }) => ({
      probe_id: probeId,
      server_id: serverId,
      address: address ?? '',
      hypervisor,
      availability_zone: 'nova',
    }));
  const many = hypervisors(30);
  const drained = (count: number): readonly Hypervisor[] =>
    many.map((host, index) => (index < count ? { ...host, enabled: false, occupied: false } : host));
  const retiring = many.map((host) => aProbe(host, { retireSince: 'x' }));

  test('lets as many deletes pass as the share allows', () => {
    expect(planOf(anInventory({ hypervisors: drained(3), probes: retiring })).held).toEqual([]);
  });

  test('holds one more', () => {
    const { held } = planOf(anInventory({ hypervisors: drained(4), probes: retiring }));
    expect(held).toEqual(['deletes 4 of 30 probes; limits.deletesMax allows 3']);
  });

  test('lets duplicates go, however many, since their hypervisors keep a probe', () => {
    const twins = many.flatMap((host) => [aProbe(host), aProbe(host, { generation: 2 })]);
    const { entries, held } = planOf(anInventory({ hypervisors: many, probes: twins }));
    expect(entries.filter(({ action }) => action === 'delete')).toHaveLength(30);
    expect(held).toEqual([]);
  });

  describe('where old probes go first', () => {
    const breakFirst = aPolicy({ replace: 'break-before-make' });
    const stopped = (count: number): readonly Probe[] =>
      many.map((host, index) => aProbe(host, index < count ? { phase: 'stopped' } : {}));
    const heldFor = (probes: readonly Probe[], policy = breakFirst): readonly string[] =>
      planOf(anInventory({ hypervisors: many, probes, published: published(probes) }), policy).held;

    test('lets a few broken ones be repaired', () => {
      expect(heldFor(stopped(3))).toEqual([]);
    });

    test('holds a plan that would take down more, such as all after a power cut', () => {
      expect(heldFor(stopped(30))).toEqual([
        'deletes 30 of 30 probes, 30 of them before their successors are made; limits.deletesMax allows 3',
        'stops publishing 30 of 30 hypervisors; limits.deletesMax allows 3',
      ]);
    });

    test('counts them together with removals', () => {
      const hosts = drained(2);
      const probes = stopped(4).map((probe) => ({ ...probe, retireSince: 'x' }));
      expect(planOf(anInventory({ hypervisors: hosts, probes }), breakFirst).held).toEqual([
        'deletes 4 of 30 probes, 2 of them before their successors are made; limits.deletesMax allows 3',
      ]);
    });

    describe('and a revision rolls out', () => {
      const rollOut = (hosts: readonly Hypervisor[], policy = breakFirst) => {
        const probes = many.map((host, index) =>
          aProbe(host, { revision: index === 29 ? 'rev1' : 'rev0', retireSince: 'x' }),
        );
        return planOf(anInventory({ hypervisors: hosts, probes, published: published(probes) }), policy);
      };
      const brokenIn = (plan: Plan): number => plan.entries.filter(isBroken).length;

      test('lets as many go first as the share allows, and never holds them', () => {
        const plan = rollOut(many);

        expect(plan.held).toEqual([]);
        expect(brokenIn(plan)).toBe(3);
        expect(plan.entries[3]).toMatchObject({
          action: 'keep',
          mark: 'unretire',
          reason: {
            code: 'outdated',
            text: 'revision rev0, now rev1; waits for its turn: limits.deletesMax lets 3 go first, together with what is removed',
          },
        });
      });

      test('counts what is removed before them', () => {
        const plan = rollOut(drained(2));
        expect(plan.held).toEqual([]);
        expect(brokenIn(plan)).toBe(1);
      });

      test('lets them wait while it holds the plan for something else', () => {
        const plan = rollOut(drained(4));
        expect(plan.held).toEqual([
          'deletes 4 of 30 probes; limits.deletesMax allows 3',
          'stops publishing 4 of 30 hypervisors; limits.deletesMax allows 3',
        ]);
        expect(brokenIn(plan)).toBe(0);
      });

      test('lets none go first where nothing may be removed', () => {
        const plan = rollOut(many, { ...breakFirst, deletesMax: { kind: 'count', count: 0 } });
        expect(plan.held).toEqual([]);
        expect(brokenIn(plan)).toBe(0);
      });
    });

    test('holds none of which the successors stand before', () => {
      expect(heldFor(stopped(30), aPolicy())).toEqual([]);
    });
  });

  test('lets a pass go on without a cell that is left out whole, since its probes stay published', () => {
    const probes = many.map((host) => aProbe(host));
    const given = {
      hypervisors: many.slice(10),
      probes: probes.slice(10),
      unlisted: published(probes.slice(0, 10)),
      published: published(probes),
    };
    expect(planOf(anInventory(given)).held).toEqual([]);
  });

  test('holds what would no longer be published for another reason than a removal', () => {
    const hosts = many.map((host, index) => ({ ...host, up: index >= 4 }));
    const probes = many.map((host, index) => aProbe(host, index < 4 ? { phase: 'building' } : {}));
    const { entries, held } = planOf(
      anInventory({ hypervisors: hosts, probes, published: published(probes) }),
    );
    expect(entries.filter(({ action }) => action === 'delete')).toEqual([]);
    expect(held).toEqual(['stops publishing 4 of 30 hypervisors; limits.deletesMax allows 3']);
  });

  test('doesn’t count what somebody deletes by hand: it goes in any case', () => {
    const probes = many.map((host, index) => aProbe(host, index < 4 ? { phase: 'deleting' } : {}));
    const given = { hypervisors: many, probes, published: published(probes) };
    expect(planOf(anInventory(given)).held).toEqual([]);
  });

  test('doesn’t count hypervisors that get a new probe, nor probes that run elsewhere', () => {
    const probes = many.map((host) => aProbe(host));
    const elsewhere = probes.slice(0, 15).map((probe) => ({ ...probe, host: 'cmp030' }));
    const given = { hypervisors: many, probes: elsewhere, published: published(probes) };
    expect(planOf(anInventory(given)).held).toEqual([]);
  });

  test('holds a listing with fewer than half of the hypervisors that have probes', () => {
    const { held } = planOf(
      anInventory({ hypervisors: many.slice(0, 14), probes: many.map((host) => aProbe(host)) }),
    );
    expect(held).toEqual(['Nova lists 14 hypervisors, fewer than half of the 30 that have probes']);
  });
});
