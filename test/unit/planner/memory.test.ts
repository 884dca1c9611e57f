import { describe, expect, test } from 'vitest';
import type { CreationFailures, FailureRecord } from '../../../src/domain/memory.ts';
import type { Plan } from '../../../src/domain/plan.ts';
import { computeMemory, type CreationOutcome } from '../../../src/planner/remember.ts';
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

const MINUTE_MS = 60_000;
const AT = new Date(NOW_MS).toISOString();
const one = aHypervisor();

function failed(failures: number, fields: Partial<CreationFailures> = {}): CreationFailures {
  return { hypervisor: one.hostname, revision: 'rev1', failures, kind: 'noCapacity', at: AT, ...fields };
}

function agoMinutes(minutes: number): Partial<CreationFailures> {
  return { at: new Date(NOW_MS - minutes * MINUTE_MS).toISOString() };
}

function memoryOf(...creations: readonly CreationFailures[]): { readonly memory: FailureRecord } {
  return { memory: { creations, rollout: null } };
}

const NOTHING: FailureRecord = { creations: [], rollout: null };

describe('a hypervisor on which creations fail', () => {
  test.each<[string, CreationFailures, string]>([
    ['is tried again at once after a first failure', failed(1), 'create missing'],
    ['is left alone for a first pause after two', failed(2, agoMinutes(9)), 'defer unplaceable'],
    ['is tried again when that is over', failed(2, agoMinutes(10)), 'create missing'],
    ['waits twice as long after three', failed(3, agoMinutes(19)), 'defer unplaceable'],
    ['is tried again after that', failed(3, agoMinutes(20)), 'create missing'],
    ['waits four times as long after four', failed(4, agoMinutes(39)), 'defer unplaceable'],
    ['never waits longer than six hours', failed(900, agoMinutes(360)), 'create missing'],
    ['is tried at once with another revision', failed(9, { revision: 'rev0' }), 'create missing'],
    ['is tried when the clock was wrong', failed(9, agoMinutes(-1)), 'create missing'],
  ])('%s', (_name, creation, line) => {
    expect(planLines(planOf(anInventory(memoryOf(creation))))).toEqual([`cmp001 ${line}`]);
  });

  test('says how often it failed, why, and when it is tried again', () => {
    const { entries } = planOf(anInventory(memoryOf(failed(3))));

    expect(entries[0]?.reason.text).toBe(
      'creation failed 3 times (no capacity), tried again after 2026-01-02 03:25 UTC',
    );
  });

  test('keeps its broken probe meanwhile, with both reasons', () => {
    const probes = [aProbe(one, { phase: 'error', fault: 'boom' })];
    const [entry] = planOf(anInventory({ probes, ...memoryOf(failed(2, { kind: 'buildFailed' })) })).entries;

    expect(entry).toMatchObject({ action: 'defer', probe: { probeId: probes[0]?.probeId } });
    expect(entry?.reason.text).toBe(
      'in ERROR: boom; creation failed 2 times (build failed), tried again after 2026-01-02 03:15 UTC',
    );
  });

  test('does not stop a probe that is as planned from being kept', () => {
    const inventory = anInventory({ probes: [aProbe(one)], ...memoryOf(failed(5)) });
    expect(planLines(planOf(inventory))).toEqual(['cmp001 keep asPlanned']);
  });

  test('lets others have the turn of its outdated probe after one failure', () => {
    const two = hypervisors(2);
    const probes = two.map((host) => aProbe(host, { revision: 'rev0' }));
    const inventory = anInventory({ hypervisors: two, probes, ...memoryOf(failed(1)) });
    expect(planLines(planOf(inventory))).toEqual(['cmp001 keep outdated', 'cmp002 replace outdated']);
  });
});

describe('a roll-out', () => {
  const four = hypervisors(4);
  const outdated = four.map((host) => aProbe(host, { revision: 'rev0' }));
  const after = (revision: string, ...counts: readonly number[]) => {
    const kinds = ['buildFailed', 'timeout'] as const;
    const failures = counts.map((count, index) => ({ kind: kinds[index] ?? 'timeout', count }));
    const memory = { creations: [], rollout: { revision, failures } };
    return planOf(anInventory({ hypervisors: four, probes: outdated, memory }));
  };

  test('stops after three failures of one kind, and says so at every probe that it leaves', () => {
    const { entries } = after('rev1', 3);

    expect(entries.map(({ action }) => action)).toEqual(['keep', 'keep', 'keep', 'keep']);
    expect(entries[0]?.reason.text).toBe(
      'revision rev0, now rev1; the roll-out has stopped after 3 failures (build failed): ' +
        'another revision starts it again, and so does a probe of this one that comes up',
    );
  });

  test('goes on after two of one kind and two of another', () => {
    expect(planLines(after('rev1', 2, 2))).toContain('cmp001 replace outdated');
  });

  test('starts again with another revision', () => {
    expect(planLines(after('rev0', 3))).toContain('cmp001 replace outdated');
  });

  test('that has stopped still replaces what is broken and makes what is missing', () => {
    const [, second = one, third = one] = four;
    const probes = [aProbe(second, { phase: 'error', revision: 'rev0' }), aProbe(third)];
    const memory = {
      creations: [],
      rollout: { revision: 'rev1', failures: [{ kind: 'timeout', count: 3 }] },
    } as const;
    const plan = planOf(anInventory({ hypervisors: four.slice(0, 3), probes, memory }));
    expect(planLines(plan)).toEqual([
      'cmp001 create missing',
      'cmp002 replace error',
      'cmp003 keep asPlanned',
    ]);
  });
});

describe('what a pass remembers', () => {
  const remember = (before: FailureRecord, plan: Plan, outcome: CreationOutcome): FailureRecord => {
    const ids = plan.entries.flatMap((entry) => ('create' in entry ? [entry.create.probeId] : []));
    return computeMemory(before, plan, new Map(ids.map((probeId) => [probeId, outcome])), AT);
  };
  const missing = planOf(anInventory());
  const outdated = planOf(anInventory({ probes: [aProbe(one, { revision: 'rev0' })] }));

  test('counts failures in a row, with the last kind', () => {
    const first = remember(NOTHING, missing, 'noCapacity');
    const second = remember(first, missing, 'buildFailed');

    expect(first.creations).toEqual([failed(1)]);
    expect(second.creations).toEqual([failed(2, { kind: 'buildFailed' })]);
  });

  test('is nothing any more once a probe stands', () => {
    const { memory } = memoryOf(failed(4));
    expect(remember(memory, missing, 'stands')).toEqual(NOTHING);
  });

  test.each<CreationOutcome>(['quotaExceeded', 'forbidden', 'conflict', 'untried'])(
    'of %s is what was known before, since the hypervisor has no part in it',
    (outcome) => {
      const { memory } = memoryOf(failed(2));
      expect(remember(memory, missing, outcome)).toEqual(memory);
    },
  );

  test('begins anew with another revision', () => {
    const { memory } = memoryOf(failed(4, { revision: 'rev0' }));
    expect(remember(memory, missing, 'noCapacity').creations).toEqual([failed(1)]);
  });

  test('forgets hypervisors that are gone', () => {
    const { memory } = memoryOf(failed(4, { hypervisor: 'gone.lab.example' }));
    expect(remember(memory, missing, 'stands')).toEqual(NOTHING);
  });

  test('counts failures of the roll-out by kind, until a probe of the revision comes up', () => {
    const first = remember(NOTHING, outdated, 'timeout');
    const second = remember(first, outdated, 'buildFailed');
    const third = remember(second, outdated, 'timeout');

    expect(third.rollout).toEqual({
      revision: 'rev1',
      failures: [
        { kind: 'buildFailed', count: 1 },
        { kind: 'timeout', count: 2 },
      ],
    });
    expect(remember(third, outdated, 'stands').rollout).toBeNull();
  });

  test('keeps the failures of the roll-out beside which another probe came up, and none of before', () => {
    const six = hypervisors(6);
    const probes = six.map((host, index) => aProbe(host, { revision: index === 0 ? 'rev1' : 'rev0' }));
    const plan = planOf(anInventory({ hypervisors: six, probes }));
    const [first, ...others] = plan.entries.flatMap((entry) =>
      'create' in entry ? [entry.create.probeId] : [],
    );
    const outcomes = new Map<string, CreationOutcome>([
      [first ?? '', 'stands'],
      ...others.map((probeId) => [probeId, 'timeout'] as const),
    ]);
    const before = { revision: 'rev1', failures: [{ kind: 'timeout', count: 2 }] } as const;

    const { rollout } = computeMemory({ creations: [], rollout: before }, plan, outcomes, AT);

    expect(rollout).toEqual({ revision: 'rev1', failures: [{ kind: 'timeout', count: 4 }] });
  });

  test('counts only outdated probes for the roll-out', () => {
    expect(remember(NOTHING, missing, 'timeout').rollout).toBeNull();
  });

  test('is used with the pause that the policy says', () => {
    const inventory = anInventory(memoryOf(failed(2, agoMinutes(9))));
    expect(planLines(planOf(inventory, aPolicy({ pauseMs: 60_000 })))).toEqual(['cmp001 create missing']);
  });
});
