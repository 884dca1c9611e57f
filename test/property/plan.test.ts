import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { computePeers } from '../../src/domain/document.ts';
import type { Inventory } from '../../src/domain/inventory.ts';
import { isBroken, type Plan } from '../../src/domain/plan.ts';
import type { Probe } from '../../src/domain/probe.ts';
import { computeRoster } from '../../src/planner/roster.ts';
import {
  aHypervisor,
  anInventory,
  aPolicy,
  aProbe,
  hypervisors,
  NOW_MS,
  planOf,
  unasked,
} from '../support/builders.ts';

const phase = mostly<Probe['phase']>(
  'active',
  ...(['building', 'deleting', 'softDeleted', 'migrating', 'stopped', 'error'] as const),
);

/** Four times out of five as it should be, so that regions in which only one thing is wrong are tried too. */
function mostly<T>(usual: T, ...others: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
}

const LONG_AGO = '2020-01-01T00:00:00Z';
const JUST_NOW = new Date(NOW_MS).toISOString();

/** Regions of up to 12 hypervisors in any state, with up to two probes each, and probes of hypervisors that are gone. */
const inventory: fc.Arbitrary<Inventory> = fc
  .uniqueArray(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 12 })
  .chain((numbers) =>
    fc.tuple(
      ...numbers.map((number) =>
        fc.record({
          listed: mostly(true, false),
          hypervisor: fc.record({
            serviceHost: fc.constant(`cmp${String(number).padStart(3, '0')}`),
            enabled: mostly(true, false),
            up: mostly(true, false),
            occupied: fc.constantFrom(true, false, null),
            type: mostly('QEMU', 'ironic'),
          }),
          probes: fc.array(
            fc.record({
              phase,
              revision: fc.constantFrom('rev0', 'rev1'),
              host: mostly<string | null>(
                `cmp${String(number).padStart(3, '0')}`,
                'cmp999',
                'cmp001',
                'cmp002',
                null,
              ),
              address: mostly<string | null>('10.77.0.1', null),
              retireSince: fc.constantFrom(null, '2026-01-01T00:00:00Z'),
              createdAt: mostly(LONG_AGO, JUST_NOW),
              launchedAt: mostly<string | null>(LONG_AGO, JUST_NOW, null),
              deletingSince: fc.constantFrom(null, JUST_NOW, LONG_AGO),
              rebootedAt: fc.constantFrom(null, 'x', JUST_NOW, new Date(NOW_MS - 3_600_000).toISOString()),
              answers: fc.constantFrom('up', 'silent', 'unseen'),
            }),
            { maxLength: 2 },
          ),
          isUnconfirmed: mostly(false, true),
          failed: fc.option(
            fc.record({
              revision: fc.constantFrom('rev0', 'rev1'),
              failures: fc.integer({ min: 1, max: 100 }),
              kind: fc.constantFrom('noCapacity', 'buildFailed', 'timeout'),
              at: fc.constantFrom(JUST_NOW, LONG_AGO),
            }),
          ),
        }),
      ),
    ),
  )
  .chain((rows) => fc.tuple(fc.constant(rows), fc.boolean(), fc.integer({ min: 0, max: 4 })))
  .map(([rows, isAsked, count]) => {
    const hypervisors = rows.filter(({ listed }) => listed).map(({ hypervisor }) => aHypervisor(hypervisor));
    const made = rows.flatMap(({ hypervisor, probes }) =>
      probes.map(({ answers, ...probe }, index) => ({
        answers,
        probe: aProbe(aHypervisor(hypervisor), { ...probe, generation: index + 1 }),
      })),
    );
    const idsOf = (wanted: string): readonly string[] =>
      made.filter(({ answers }) => answers === wanted).map(({ probe }) => probe.probeId);
    const [silent, unseen] = [idsOf('silent'), idsOf('unseen')];
    const creations = rows.flatMap(({ hypervisor, failed }) =>
      failed === null ? [] : [{ hypervisor: aHypervisor(hypervisor).hostname, ...failed }],
    );
    const failures = count === 0 ? [] : [{ kind: 'buildFailed' as const, count }];
    const region = anInventory({
      hypervisors,
      probes: made.map(({ probe }) => probe),
      exporters: { watched: made.length - unseen.length, silent, unseen, unanswered: silent },
      memory: { creations, rollout: { revision: 'rev1', failures } },
      unconfirmed: rows
        .filter(({ isUnconfirmed }) => isUnconfirmed)
        .map(({ hypervisor }) => ({
          hypervisor: aHypervisor(hypervisor).hostname,
          probeId: '0a0a0a0a',
          serverId: `unseen on ${hypervisor.serviceHost}`,
        })),
    });
    return isAsked ? region : unasked(region);
  });

/** Whether Prometheus has seen a probe up, and it isn't on its way out. */
function isUp({ exporters }: Inventory, { probeId, phase: now }: Probe): boolean {
  return (
    exporters !== undefined &&
    now !== 'deleting' &&
    now !== 'softDeleted' &&
    !exporters.silent.includes(probeId) &&
    exporters.unseen?.includes(probeId) !== true
  );
}

/** Probes that run on a hypervisor that is down, or did when it was up. */
function listOnDown({ hypervisors: listed, probes }: Inventory): readonly Probe[] {
  const down = new Set(listed.filter(({ up }) => !up).map(({ serviceHost }) => serviceHost));
  return probes.filter(({ host }) => host !== null && down.has(host));
}

/** Probes that an earlier pass made and that a plan goes on with as successors. */
function listTakenUp({ probes }: Inventory, { entries }: Plan): readonly Probe[] {
  const made = new Set(
    entries.flatMap((entry) => (entry.action === 'replace' ? [entry.create.probeId] : [])),
  );
  return probes.filter(({ probeId }) => made.has(probeId));
}

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
    const plan = planOf(given);
    const own = plan.entries.flatMap((entry) =>
      'probe' in entry && entry.probe !== null ? [entry.probe.serverId] : [],
    );
    const named = [...own, ...listTakenUp(given, plan).map(({ serverId }) => serverId)];
    expect(named.toSorted()).toEqual(given.probes.map(({ serverId }) => serverId).toSorted());
  });

  always('nothing is made or removed on a hypervisor that is down', (given) => {
    const down = new Set(given.hypervisors.filter(({ up }) => !up).map(({ hostname }) => hostname));
    for (const entry of planOf(given).entries.filter(({ hypervisor }) => down.has(hypervisor))) {
      expect(['defer', 'keep', 'none']).toContain(entry.action);
    }
  });

  always('nothing is removed where it runs on a hypervisor that is down, wherever it belongs', (given) => {
    const leaving = new Set(
      planOf(given).entries.flatMap((entry) =>
        entry.action === 'delete' || entry.action === 'replace' ? [entry.probe.serverId] : [],
      ),
    );
    expect(listOnDown(given).filter(({ serverId }) => leaving.has(serverId))).toEqual([]);
  });

  always(
    'a hypervisor ends with at most one probe that runs, unless nothing tells which of two answers',
    (given) => {
      const isTold = (id: string): boolean =>
        given.exporters !== undefined && !given.exporters.silent.includes(id);
      const up = new Set(given.hypervisors.filter((host) => host.up).map(({ hostname }) => hostname));
      const stranded = new Set(listOnDown(given).map(({ serverId }) => serverId));
      const plan = planOf(given);
      for (const hypervisor of up) {
        const staying = plan.entries.filter(
          (entry) =>
            entry.hypervisor === hypervisor &&
            ['create', 'replace', 'keep', 'defer'].includes(entry.action) &&
            !('probe' in entry && stranded.has(entry.probe?.serverId ?? '')) &&
            !(entry.orphan && entry.action === 'defer' && !isTold(entry.probe?.probeId ?? '')),
        );
        expect(staying.length).toBeLessThanOrEqual(1);
      }
    },
  );

  always('a probe of a hypervisor that is gone is never removed at first sight', (given) => {
    const listed = new Set(given.hypervisors.map(({ hostname }) => hostname));
    const fresh = new Set(
      given.probes
        .filter((probe) => probe.retireSince === null && !listed.has(probe.hypervisor))
        .filter(({ phase: now }) => now === 'active' || now === 'stopped' || now === 'migrating')
        .map(({ serverId }) => serverId),
    );
    for (const entry of planOf(given).entries) {
      if (entry.action === 'delete') expect(fresh.has(entry.probe.serverId)).toBe(false);
    }
  });

  always(
    'a probe that stays has a reason to go left in its memory only by a pass that finds it so',
    (given) => {
      const listed = new Set(given.hypervisors.map(({ hostname }) => hostname));
      const drained = new Set(
        given.hypervisors.filter(({ enabled, up }) => !enabled && up).map(({ hostname }) => hostname),
      );
      const marked = new Set(
        given.probes.filter(({ retireSince }) => retireSince !== null).map(({ serverId }) => serverId),
      );
      for (const entry of planOf(given).entries) {
        if (!('probe' in entry) || entry.probe === null || entry.action === 'delete') continue;
        if (!listed.has(entry.hypervisor) || drained.has(entry.hypervisor)) continue;
        if (marked.has(entry.probe.serverId)) expect(entry.mark).toBe('unretire');
      }
    },
  );

  always('of two probes one that answers goes only when the other one has been seen up', (given) => {
    for (const entry of planOf(given).entries) {
      if (entry.action !== 'delete' || entry.reason.code !== 'duplicate') continue;
      const own = given.probes.filter(({ hypervisor }) => hypervisor === entry.hypervisor);
      const [gone, stays] = own.toSorted((a) => (a.serverId === entry.probe.serverId ? -1 : 1));
      if (gone !== undefined && stays !== undefined && isUp(given, gone))
        expect(isUp(given, stays)).toBe(true);
    }
  });

  always('a new probe has the id of one that exists only where that is to take its place', (given) => {
    const plan = planOf(given);
    const present = new Set(given.probes.map(({ probeId }) => probeId));
    for (const entry of plan.entries)
      if (entry.action === 'create') expect(present.has(entry.create.probeId)).toBe(false);
    for (const { revision, generation, phase: now } of listTakenUp(given, plan)) {
      expect({ revision, generation }).toEqual({ revision: 'rev1', generation: 2 });
      expect(['active', 'building']).toContain(now);
    }
  });

  always(
    'hypervisors without a probe and outdated ones that go first are never more than a batch',
    (given) => {
      const policy = aPolicy({ replace: 'break-before-make', replaceBatch: 3 });
      const { entries } = planOf(given, policy);
      const bare = entries.filter(({ action }) => action === 'create').length;
      const broken = entries.filter((entry) => isBroken(entry) && entry.reason.code === 'outdated').length;
      expect(broken).toBeLessThanOrEqual(Math.max(0, policy.replaceBatch - bare));
    },
  );

  always(
    'a plan that isn’t held takes away no more than a share before something stands in its place',
    (given) => {
      const { entries, held } = planOf(given, aPolicy({ replace: 'break-before-make' }));
      const removed = entries.filter(
        ({ action, reason }) => action === 'delete' && reason.code !== 'duplicate',
      );
      const broken = entries.filter(isBroken);
      if (held.length === 0) expect(removed.length + broken.length).toBeLessThanOrEqual(2);
    },
  );

  always(
    'no plan is held for a roll-out: the same region whose probes are as planned is held as well',
    (bare) => {
      const policy = aPolicy({ replace: 'break-before-make' });
      const all = { plan: { entries: [] }, inventory: bare, probes: bare.probes };
      const published = computePeers(computeRoster({ ...all, proven: new Set(), unproven: new Set() }));
      const given = { ...bare, published };
      const isOutdated = new Set(
        planOf(given, policy).entries.flatMap((entry) =>
          'probe' in entry && entry.reason.code === 'outdated' ? [entry.probe?.serverId] : [],
        ),
      );
      const probes = given.probes.map((probe) =>
        isOutdated.has(probe.serverId) ? { ...probe, revision: given.revision } : probe,
      );
      expect(planOf(given, policy).held).toEqual(planOf({ ...given, probes }, policy).held);
    },
  );

  test('a cell that is left out whole holds nothing, unless it is most of the region', () => {
    const sizes = fc.integer({ min: 2, max: 40 }).chain((size) => {
      return fc.record({ size: fc.constant(size), dead: fc.integer({ min: 0, max: Math.floor(size / 2) }) });
    });
    fc.assert(
      fc.property(sizes, ({ size, dead }) => {
        const hosts = hypervisors(size);
        const probes = hosts.map((host) => aProbe(host));
        const published = computePeers(
          computeRoster({
            plan: { entries: [] },
            inventory: anInventory({ hypervisors: hosts }),
            probes,
            proven: new Set(),
            unproven: new Set(),
          }),
        );
        const gone = new Set(probes.slice(0, dead).map(({ serverId }) => serverId));
        const unlisted = published.filter(({ server_id }) => gone.has(server_id));
        const given = { hypervisors: hosts.slice(dead), probes: probes.slice(dead), published, unlisted };
        expect(planOf(anInventory(given)).held).toEqual([]);
      }),
    );
  });

  always('the same input gives the same plan', (given) => {
    expect(planOf(given)).toEqual(planOf(given));
  });

  always(
    'a probe is rebooted only where its hypervisor is up and enabled, and it is active there',
    (given) => {
      const hosts = new Map(given.hypervisors.map((host) => [host.hostname, host]));
      const probes = new Map(given.probes.map((probe) => [probe.serverId, probe]));
      for (const entry of planOf(given).entries) {
        if (entry.action !== 'reboot') continue;
        const host = hosts.get(entry.hypervisor);
        expect(host).toMatchObject({ up: true, enabled: true });
        expect(probes.get(entry.probe.serverId)).toMatchObject({ phase: 'active' });
        expect([host?.serviceHost, null]).toContain(entry.probe.host);
      }
    },
  );

  always(
    'a probe that is young, was just rebooted, or isn’t known to be silent is never rebooted',
    (given) => {
      const silent = new Set(given.exporters?.silent);
      const young = new Set(
        given.probes
          .filter(
            ({ launchedAt, createdAt, rebootedAt }) =>
              (launchedAt ?? createdAt) === JUST_NOW || rebootedAt === JUST_NOW,
          )
          .map(({ serverId }) => serverId),
      );
      for (const entry of planOf(given).entries) {
        if (entry.action !== 'reboot') continue;
        expect(silent.has(entry.probe.probeId)).toBe(true);
        expect(young.has(entry.probe.serverId)).toBe(false);
      }
    },
  );

  always('silent probes are repaired by no more than the guard’s share, and not when most are', (given) => {
    const repaired = planOf(given).entries.filter(
      ({ action, reason }) => reason.code === 'silent' && (action === 'reboot' || action === 'replace'),
    );
    expect(repaired.length).toBeLessThanOrEqual(2);
    const up = new Set(given.hypervisors.filter((host) => host.up).map(({ hostname }) => hostname));
    const silent = given.probes.filter(
      ({ probeId, phase: now, hypervisor }) =>
        given.exporters?.silent.includes(probeId) === true && now === 'active' && up.has(hypervisor),
    );
    if (2 * silent.length > given.probes.length) expect(repaired).toEqual([]);
  });

  always('a roll-out that has failed three times in one way replaces nothing for being outdated', (given) => {
    const count = given.memory?.rollout?.failures[0]?.count ?? 0;
    const outdated = planOf(given).entries.filter(
      ({ action, reason }) => action === 'replace' && reason.code === 'outdated',
    );
    if (count >= 3) expect(outdated).toEqual([]);
  });

  always(
    'nothing is made where it has just failed twice or more, and it is not forgotten either',
    (given) => {
      const paused = new Set(
        given.memory?.creations
          .filter(({ revision, failures, at }) => revision === 'rev1' && failures > 1 && at === JUST_NOW)
          .map(({ hypervisor }) => hypervisor),
      );
      const plan = planOf(given);
      const takenUp = new Set(listTakenUp(given, plan).map(({ probeId }) => probeId));
      for (const entry of plan.entries) {
        if (entry.action !== 'create' && entry.action !== 'replace') continue;
        if (!takenUp.has(entry.create.probeId)) expect(paused.has(entry.hypervisor)).toBe(false);
      }
    },
  );

  always('nothing is made where a probe may stand that no list shows', (given) => {
    const unseen = new Set(given.unconfirmed?.map(({ hypervisor }) => hypervisor));
    for (const entry of planOf(given).entries) {
      if (entry.action === 'create' || entry.action === 'replace')
        expect(unseen.has(entry.hypervisor)).toBe(false);
    }
  });

  always('nothing is made where a probe belongs that was moved and that no list shows', (given) => {
    const moved = given.unconfirmed ?? [];
    const unlisted = moved.map(({ hypervisor, probeId, serverId }) => ({
      probe_id: probeId,
      server_id: serverId,
      address: '10.77.0.3',
      hypervisor: 'cmp999.lab.example',
      made_for: hypervisor,
      availability_zone: null,
    }));
    const unseen = new Set(moved.map(({ hypervisor }) => hypervisor));
    for (const entry of planOf({ ...given, unconfirmed: [], unlisted }).entries) {
      if (entry.action === 'create' || entry.action === 'replace')
        expect(unseen.has(entry.hypervisor)).toBe(false);
    }
  });

  always('a plan names no server but our probes, so that no foreign one is touched', (given) => {
    const ours = new Set(given.probes.map(({ serverId }) => serverId));
    for (const entry of planOf(given).entries)
      if ('probe' in entry && entry.probe !== null) expect(ours.has(entry.probe.serverId)).toBe(true);
  });

  always('planned again after it was carried out, a region settles', (given) => {
    let region: Inventory = { ...given, memory: { creations: [], rollout: null }, unconfirmed: [] };
    for (let pass = 0; pass < PASSES_MAX; pass += 1) region = carryOut(region, planOf(region));
    const up = new Set(
      given.hypervisors
        .filter((host) => host.up && host.enabled && host.type !== 'ironic')
        .map(({ hostname }) => hostname),
    );
    const stranded = new Set(listOnDown(region).map(({ hypervisor }) => hypervisor));
    for (const { action, reason, hypervisor, orphan } of planOf(region).entries) {
      expect(['keep', 'defer', 'none']).toContain(action);
      if (up.has(hypervisor) && !(orphan && stranded.has(hypervisor))) expect(reason.code).toBe('asPlanned');
    }
  });
});

/** More than a roll-out over all hypervisors and two looks at what is to go need. */
const PASSES_MAX = 12;

/** What the region looks like after a pass in which all succeeds and Nova has finished what it was busy with. */
function carryOut(given: Inventory, { entries }: Plan): Inventory {
  const known = new Map(given.probes.map((probe) => [probe.serverId, probe]));
  const hosts = new Map(given.hypervisors.map((host) => [host.hostname, host]));
  const probes = entries.flatMap((entry): readonly Probe[] => {
    const host = hosts.get(entry.hypervisor);
    if (entry.action === 'create' || entry.action === 'replace') {
      if (host === undefined) throw new Error('made for nowhere');
      return [aProbe(host, entry.create)];
    }
    const own = 'probe' in entry && entry.probe !== null ? known.get(entry.probe.serverId) : undefined;
    if (own === undefined || entry.action === 'delete') return [];
    const busy = own.phase === 'deleting' && host?.up === true;
    if (busy) return [];
    const phase = own.phase === 'building' || own.phase === 'migrating' ? 'active' : own.phase;
    const address = entry.reason.code === 'noAddress' ? '10.77.0.2' : own.address;
    const retireSince =
      entry.mark === undefined ? own.retireSince : entry.mark === 'retire' ? LONG_AGO : null;
    return [{ ...own, phase, address, retireSince }];
  });
  // Those that are silent come up by their reboot.
  return { ...given, probes, exporters: { watched: probes.length, silent: [], unseen: [], unanswered: [] } };
}
