import { expect, test } from 'vitest';
import { computeDestruction } from '../../../src/planner/destroy.ts';
import { aHypervisor, anInventory, aProbe, hypervisors, planLines } from '../../support/builders.ts';

const [first, second] = hypervisors(2) as [ReturnType<typeof aHypervisor>, ReturnType<typeof aHypervisor>];

test('every probe goes in whatever state it is, duplicates and those without a hypervisor too', () => {
  const gone = aHypervisor({ serviceHost: 'cmp009' });
  const probes = [
    aProbe(first, { phase: 'error', host: null }),
    aProbe(first, { generation: 2, phase: 'deleting' }),
    aProbe(gone, { phase: 'softDeleted' }),
  ];

  const plan = computeDestruction(anInventory({ hypervisors: [first, second], probes }), false);

  expect(planLines(plan)).toEqual([
    'cmp001 delete destroyed',
    'cmp001 delete destroyed',
    'cmp002 none destroyed',
    'cmp009 delete destroyed',
  ]);
  expect(plan.entries.map(({ orphan }) => orphan)).toEqual([false, true, false, true]);
});

test('a probe stays where it runs on a hypervisor that is down, wherever it belongs, unless that is forced', () => {
  const down = { ...second, up: false };
  const inventory = anInventory({
    hypervisors: [first, down],
    probes: [aProbe(first, { host: down.serviceHost }), aProbe(down, { host: first.serviceHost })],
  });

  const kept = computeDestruction(inventory, false);
  const forced = computeDestruction(inventory, true);

  expect(planLines(kept)).toEqual(['cmp001 defer hypervisorDown', 'cmp002 delete destroyed']);
  expect(kept.entries[0]?.reason.text).toContain('cmp002.lab.example is down, its guest may live on');
  expect(planLines(forced)).toEqual(['cmp001 delete destroyed', 'cmp002 delete destroyed']);
  expect(forced.entries[0]?.reason.text).toContain('though cmp002.lab.example is down');
  expect([kept.forceDown, forced.forceDown]).toEqual([undefined, true]);
});
