import { describe, expect, test } from 'vitest';
import type { ExporterReport, Inventory } from '../../../src/domain/inventory.ts';
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
  unasked,
} from '../../support/builders.ts';

const ten = hypervisors(10);
const [one = aHypervisor()] = ten;
const JUST_NOW = new Date(NOW_MS - 60_000).toISOString();

interface Case {
  readonly old?: Partial<Probe>;
  readonly successor?: Partial<Probe>;
  /** What Prometheus says of them: by default that it has seen the old one up and not scraped the other one. */
  readonly exporters?: (old: Probe, successor: Probe) => Partial<ExporterReport>;
}

/** Ten hypervisors with an outdated probe each, of which the first few have a successor of an interrupted pass too. */
function interrupted({ old = {}, successor = {}, exporters }: Case = {}, count = 1): Inventory {
  const olds = ten.map((host, index) => aProbe(host, { revision: 'rev0', ...(index < count ? old : {}) }));
  const made = ten
    .slice(0, count)
    .map((host) => aProbe(host, { generation: 2, launchedAt: JUST_NOW, ...successor }));
  const [first, second] = [olds[0], made[0]];
  if (first === undefined || second === undefined) throw new Error('there are two');
  const unseen = made.map(({ probeId }) => probeId);
  const report = { watched: 10, silent: [], unseen, unanswered: [], ...exporters?.(first, second) };
  return anInventory({ hypervisors: ten, probes: [...olds, ...made], exporters: report });
}

/** What becomes of the first hypervisor's probes. */
function firstLines(inventory: Inventory): readonly string[] {
  return planLines(planOf(inventory)).filter((line) => line.startsWith('cmp001 '));
}

function countReplaced(inventory: Inventory): number {
  return planOf(inventory).entries.filter(({ action }) => action === 'replace').length;
}

describe('a handover that was interrupted', () => {
  test('is taken up again: the successor that stands is verified before the old probe goes', () => {
    const inventory = interrupted();
    const [old, successor] = inventory.probes.filter(({ hypervisor }) => hypervisor === one.hostname);

    const entries = planOf(inventory).entries.filter(({ hypervisor }) => hypervisor === old?.hypervisor);

    expect(entries).toMatchObject([
      {
        action: 'replace',
        probe: { serverId: old?.serverId },
        create: { probeId: successor?.probeId, name: successor?.name, generation: 2, revision: 'rev1' },
        order: 'make-before-break',
        noRoom: 'keep',
        reason: { text: 'revision rev0, now rev1; an earlier pass has made its successor' },
      },
    ]);
  });

  test.each<[string, Case, readonly string[]]>([
    [
      'also while Nova still builds it',
      { successor: { phase: 'building', createdAt: JUST_NOW } },
      ['replace outdated'],
    ],
    ['also when the old probe is in ERROR and answers', { old: { phase: 'error' } }, ['replace error']],
    [
      'also when the successor is published and has yet to answer',
      { exporters: (_, { probeId }) => ({ silent: [probeId], unseen: [], unanswered: [probeId] }) },
      ['replace outdated'],
    ],
    [
      'with another successor where this one is of another revision',
      { successor: { revision: 'rev0' } },
      ['replace outdated', 'delete duplicate'],
    ],
    [
      'with another successor where this one has had its time to answer',
      {
        successor: { launchedAt: '2026-01-01T00:00:00Z' },
        exporters: (_, { probeId }) => ({ silent: [probeId], unseen: [], unanswered: [probeId] }),
      },
      ['replace outdated', 'delete duplicate'],
    ],
  ])('is taken up %s', (_name, given, lines) => {
    expect(firstLines(interrupted(given))).toEqual(lines.map((line) => `cmp001 ${line}`));
  });

  test.each<[string, Case]>([
    ['both have been seen up', { exporters: () => ({ unseen: [] }) }],
    ['neither has been seen up', { exporters: (a, b) => ({ unseen: [a.probeId, b.probeId] }) }],
    ['the old one is being deleted', { old: { phase: 'deleting', deletingSince: JUST_NOW } }],
  ])('is over when %s', (_name, given) => {
    expect(firstLines(interrupted(given))).toEqual(['cmp001 keep asPlanned', 'cmp001 delete duplicate']);
  });

  test('waits with both probes when Prometheus doesn’t say which of them answers', () => {
    const entries = planOf(unasked(interrupted())).entries.slice(0, 2);

    expect(entries).toMatchObject([
      { action: 'keep', reason: { code: 'asPlanned' } },
      {
        action: 'defer',
        reason: { text: 'one of two probes; Prometheus doesn’t tell which of them answers' },
      },
    ]);
  });

  test('never costs a probe while Prometheus may be blind', () => {
    const inventory = interrupted();
    const silent = inventory.probes.map(({ probeId }) => probeId);
    const exporters = { watched: 11, silent, unseen: [], unanswered: silent };

    const { entries } = planOf({ ...inventory, exporters });

    expect(entries.filter(({ action }) => action === 'delete' || action === 'replace')).toEqual([]);
  });

  test('has its turn before another replacement begins', () => {
    const lines = planLines(planOf(interrupted()));
    expect(lines.filter((line) => line.includes(' replace '))).toEqual(['cmp001 replace outdated']);
  });

  test('counts against the batch, however many there are', () => {
    const inventory = interrupted({}, 7);
    const canary = aProbe(ten.at(-1) ?? one, { generation: 2 });
    const probes = [...inventory.probes.filter(({ hypervisor }) => hypervisor !== canary.hypervisor), canary];
    expect(countReplaced({ ...inventory, probes })).toBe(aPolicy().replaceBatch);
  });

  test('leaves no second probe where the roll-out has stopped', () => {
    const failures = [{ kind: 'timeout' as const, count: 3 }];
    const memory = { creations: [], rollout: { revision: 'rev1', failures } };
    expect(firstLines({ ...interrupted(), memory })).toEqual([
      'cmp001 keep outdated',
      'cmp001 delete duplicate',
    ]);
  });

  test('is taken up where creations have failed too: nothing is made', () => {
    const failed = { revision: 'rev1', failures: 5, kind: 'noCapacity' as const, at: JUST_NOW };
    const memory = { creations: [{ hypervisor: one.hostname, ...failed }], rollout: null };
    expect(firstLines({ ...interrupted(), memory })).toEqual(['cmp001 replace outdated']);
  });
});

describe('the first probe of a new revision', () => {
  /** The first probe is of the new revision, the others are outdated. */
  function rolling(canary: Partial<Probe>): Inventory {
    const probes = ten.map((host, index) => aProbe(host, index === 0 ? canary : { revision: 'rev0' }));
    return anInventory({ hypervisors: ten, probes });
  }
  const unseen = { watched: 9, silent: [], unseen: [aProbe(one).probeId], unanswered: [] };

  test('releases a batch when Prometheus has seen it up', () => {
    expect(countReplaced(rolling({}))).toBe(5);
  });

  test('releases nothing before that, while it is young', () => {
    expect(countReplaced({ ...rolling({ launchedAt: JUST_NOW }), exporters: unseen })).toBe(0);
  });

  test('releases one other, not a batch, when it has had its time unseen', () => {
    expect(countReplaced({ ...rolling({}), exporters: unseen })).toBe(1);
  });

  test('releases no batch when Prometheus wasn’t asked', () => {
    expect(countReplaced(unasked(rolling({})))).toBe(1);
  });
});
