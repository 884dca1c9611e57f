import { describe, expect, test } from 'vitest';
import type { Hypervisor } from '../../../src/domain/hypervisor.ts';
import type { Plan } from '../../../src/domain/plan.ts';
import type { Probe } from '../../../src/domain/probe.ts';
import type { Policy } from '../../../src/planner/policy.ts';
import {
  anInventory,
  aPolicy,
  aProbe,
  hypervisors,
  NOW_MS,
  planLines,
  planOf,
} from '../../support/builders.ts';

const MINUTE_MS = 60_000;
const ten = hypervisors(10);

function agoMinutes(minutes: number): string {
  return new Date(NOW_MS - minutes * MINUTE_MS).toISOString();
}

interface Case {
  /** How many of the ten probes are silent, beginning with the first. */
  readonly silent?: number;
  /** What is special about those. */
  readonly probe?: Partial<Probe>;
  readonly hypervisor?: Partial<Hypervisor>;
  readonly policy?: Policy;
  /** How many give no answer now; those that are silent by default. */
  readonly missed?: number;
}

/** The plan for ten hypervisors with a probe each. */
function planFor({
  silent = 1,
  probe = {},
  hypervisor = {},
  policy = aPolicy(),
  missed = silent,
}: Case = {}): Plan {
  const hosts = ten.map((host, index) => (index < silent ? { ...host, ...hypervisor } : host));
  const probes = hosts.map((host, index) => aProbe(host, index < silent ? probe : {}));
  const ids = probes.map(({ probeId }) => probeId);
  const exporters = { watched: 10, silent: ids.slice(0, silent), unanswered: ids.slice(0, missed) };
  return planOf(anInventory({ hypervisors: hosts, probes, exporters }), policy);
}

describe('a probe that is active but silent', () => {
  test('is rebooted, and the plan says why', () => {
    const [entry, ...others] = planFor().entries;

    expect(entry).toMatchObject({
      action: 'reboot',
      rebootedAt: null,
      reason: { code: 'silent', text: 'its exporters don’t answer, though it is active' },
    });
    expect(new Set(others.map(({ action }) => action))).toEqual(new Set(['keep']));
  });

  test.each<[string, Case, string]>([
    ['is left to boot while it is young', { probe: { launchedAt: agoMinutes(4) } }, 'keep asPlanned'],
    ['is left to come up after its reboot', { probe: { rebootedAt: agoMinutes(4) } }, 'defer silent'],
    ['is replaced when its reboot did not help', { probe: { rebootedAt: agoMinutes(6) } }, 'replace silent'],
    [
      'is rebooted anew a day after an earlier trouble',
      { probe: { rebootedAt: agoMinutes(1440) } },
      'reboot silent',
    ],
    ['is rebooted when its mark says nothing', { probe: { rebootedAt: 'x' } }, 'reboot silent'],
    ['is rebooted before it is found outdated', { probe: { revision: 'rev0' } }, 'reboot silent'],
    ['is replaced at once when it is misplaced', { probe: { host: 'cmp009' } }, 'replace misplaced'],
    ['stays as it is while its hypervisor is down', { hypervisor: { up: false } }, 'defer hypervisorDown'],
    ['stays as it is while its hypervisor is disabled', { hypervisor: { enabled: false } }, 'keep retained'],
  ])('%s', (_name, given, line) => {
    expect(planLines(planFor(given))[0]).toBe(`cmp001 ${line}`);
  });

  test('is never more than the guard lets one pass remove', () => {
    const plan = planFor({ silent: 4 });

    expect(planLines(plan).slice(0, 4)).toEqual([
      'cmp001 reboot silent',
      'cmp002 reboot silent',
      'cmp003 defer silent',
      'cmp004 defer silent',
    ]);
    expect(plan.entries[2]?.reason.text).toContain('waits for its turn: one pass repairs 2 silent probes');
  });

  test('is not rebooted where the guard lets nothing pass', () => {
    const policy = aPolicy({ deletesMax: { kind: 'count', count: 0 } });
    expect(planLines(planFor({ policy }))[0]).toBe('cmp001 defer silent');
  });

  test('is left alone when most are, since Prometheus may be blind', () => {
    const { entries } = planFor({ silent: 6 });

    expect(entries.filter(({ action }) => action === 'reboot')).toEqual([]);
    expect(entries[0]?.reason.text).toContain('nor do those of most probes');
  });

  test('keeps its revision while most are, and one that was deleted by hand is made anew of the new one', () => {
    const hosts = ten.slice(0, 4);
    const probes = hosts.slice(0, 3).map((host) => aProbe(host, { revision: 'rev0' }));
    const ids = probes.map(({ probeId }) => probeId);
    const exporters = { watched: 3, silent: ids, unanswered: ids };

    expect(planLines(planOf(anInventory({ hypervisors: hosts, probes, exporters })))).toEqual([
      'cmp001 defer silent',
      'cmp002 defer silent',
      'cmp003 defer silent',
      'cmp004 create missing',
    ]);
  });

  test('is left alone when it is only the first of most that don’t answer now', () => {
    const { entries } = planFor({ silent: 1, missed: 6 });
    expect(entries[0]).toMatchObject({ action: 'defer', reason: { code: 'silent' } });
  });

  test('is rebooted though many on hypervisors that are down are silent too', () => {
    const hosts = ten.map((host, index) => (index < 6 ? { ...host, up: false } : host));
    const probes = hosts.map((host) => aProbe(host));
    const silent = probes.slice(0, 7).map(({ probeId }) => probeId);
    const plan = planOf(
      anInventory({ hypervisors: hosts, probes, exporters: { watched: 10, silent, unanswered: silent } }),
    );
    expect(planLines(plan).slice(5, 8)).toEqual([
      'cmp006 defer hypervisorDown',
      'cmp007 reboot silent',
      'cmp008 keep asPlanned',
    ]);
  });

  test('gives way to one that answers', () => {
    const [host] = ten;
    if (host === undefined) throw new Error('no hypervisor');
    const probes = [
      aProbe(host, { generation: 2 }),
      aProbe(host),
      ...ten.slice(1).map((each) => aProbe(each)),
    ];
    const silent = probes.slice(0, 1).map(({ probeId }) => probeId);
    const inventory = anInventory({
      hypervisors: ten,
      probes,
      exporters: { watched: 11, silent, unanswered: silent },
    });
    const entries = planOf(inventory).entries.slice(0, 2);
    expect(entries).toMatchObject([
      { action: 'keep', probe: { probeId: probes[1]?.probeId } },
      { action: 'delete', probe: { probeId: probes[0]?.probeId } },
    ]);
  });
});

describe('a new revision whose probes are silent', () => {
  const roll = (canaries: number, launchedAt: string): Plan => {
    const probes = ten.map((host, index) =>
      aProbe(host, index < canaries ? { launchedAt, rebootedAt: agoMinutes(2) } : { revision: 'rev0' }),
    );
    const silent = probes.slice(0, canaries).map(({ probeId }) => probeId);
    return planOf(
      anInventory({ hypervisors: ten, probes, exporters: { watched: 10, silent, unanswered: silent } }),
    );
  };
  const textOf = (plan: Plan): string | undefined => plan.entries.at(-1)?.reason.text;
  const replaced = ({ entries }: Plan): number => entries.filter(({ action }) => action === 'replace').length;

  test('waits while the first one may still come up', () => {
    const plan = roll(1, agoMinutes(1));
    expect(replaced(plan)).toBe(0);
    expect(textOf(plan)).toContain('waits for an answer of the first probe of this revision');
  });

  test('tries another one, not a batch, when that has had its time', () => {
    expect(replaced(roll(1, agoMinutes(30)))).toBe(1);
  });

  test('stops when three are silent', () => {
    const plan = roll(3, agoMinutes(30));
    expect(replaced(plan)).toBe(0);
    expect(textOf(plan)).toContain('the roll-out has stopped: none of the 3 probes of this revision answers');
  });
});
