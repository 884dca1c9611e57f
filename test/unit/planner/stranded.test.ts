import { describe, expect, test } from 'vitest';
import type { Hypervisor } from '../../../src/domain/hypervisor.ts';
import { anInventory, aPolicy, aProbe, hypervisors, planLines, planOf } from '../../support/builders.ts';

describe('a probe that runs on another hypervisor, which is down', () => {
  const [own, other] = hypervisors(2) as [Hypervisor, Hypervisor];
  const down = { ...other, up: false };
  const strayed = aProbe(own, { host: down.serviceHost });

  test('stays, and its own hypervisor gets another one', () => {
    const plan = planOf(anInventory({ hypervisors: [own, down], probes: [strayed] }));

    expect(planLines(plan)).toEqual([
      'cmp001 create missing',
      'cmp001 defer hypervisorDown',
      'cmp002 defer hypervisorDown',
    ]);
    expect(plan.entries[1]?.reason.text).toContain('stranded on cmp002.lab.example');
    expect(plan.held).toEqual([]);
  });

  test('stays beside the other one, and goes when it is up again', () => {
    const probes = [strayed, aProbe(own, { generation: 2 })];

    const during = planOf(anInventory({ hypervisors: [own, down], probes }));
    const after = planOf(anInventory({ hypervisors: [own, other], probes }));

    expect(planLines(during).slice(0, 2)).toEqual(['cmp001 keep asPlanned', 'cmp001 defer hypervisorDown']);
    expect(planLines(after).slice(0, 2)).toEqual(['cmp001 keep asPlanned', 'cmp001 delete duplicate']);
  });

  test('stays when its own hypervisor is gone, or excluded', () => {
    const policy = aPolicy({ select: { ...aPolicy().select, exclude: ['cmp001*'] } });
    const retired = { ...strayed, retireSince: '2026-01-01T00:00:00Z' };

    const gone = planOf(anInventory({ hypervisors: [down], probes: [retired] }));
    const excluded = planOf(anInventory({ hypervisors: [own, down], probes: [retired] }), policy);

    // A reason to go counts only in two passes in a row, and this one leaves it alone.
    const stays = 'cmp001 defer hypervisorDown +unretire';
    expect(planLines(gone)[0]).toBe(stays);
    expect(planLines(excluded).slice(0, 2)).toEqual(['cmp001 none excluded', stays]);
  });
});
