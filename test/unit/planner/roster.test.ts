import { expect, test } from 'vitest';
import { computePeers } from '../../../src/domain/document.ts';
import type { Hypervisor } from '../../../src/domain/hypervisor.ts';
import { computeTargets } from '../../../src/domain/target.ts';
import { computeRoster, listLeaving } from '../../../src/planner/roster.ts';
import { anInventory, aPolicy, aProbe, hypervisors, planOf } from '../../support/builders.ts';

const [first, second] = hypervisors(2) as [Hypervisor, Hypervisor];
const none: ReadonlySet<string> = new Set();

test('a probe that is to be deleted is let go of at once', () => {
  const drained = { ...first, enabled: false, occupied: false };
  const inventory = anInventory({
    hypervisors: [drained, second],
    probes: [aProbe(first, { retireSince: 'x' }), aProbe(second)],
  });

  const roster = computeRoster({
    plan: planOf(inventory),
    inventory,
    probes: inventory.probes,
    proven: none,
    unproven: none,
  });

  expect(roster.map(({ hypervisor }) => hypervisor)).toEqual([second.hostname]);
});

test('a replaced probe stays published until its successor is proven', () => {
  const old = aProbe(first, { revision: 'rev0' });
  const inventory = anInventory({ hypervisors: [first], probes: [old] });
  const plan = planOf(inventory);
  const successor = aProbe(first, { generation: 2 });
  const probes = [old, successor];

  const before = computeRoster({ plan, inventory, probes, proven: none, unproven: none });
  const after = computeRoster({
    plan,
    inventory,
    probes,
    proven: new Set([successor.probeId]),
    unproven: none,
  });

  expect(before.map(({ probeId }) => probeId)).toEqual([old.probeId, successor.probeId]);
  expect(after.map(({ probeId }) => probeId)).toEqual([successor.probeId]);
});

test('a probe that makes room for its successor is let go of before that is made', () => {
  const old = aProbe(first, { revision: 'rev0' });
  const inventory = anInventory({ hypervisors: [first], probes: [old] });
  const plan = planOf(inventory, aPolicy({ replace: 'break-before-make' }));

  const roster = computeRoster({ plan, inventory, probes: [old], proven: none, unproven: none });

  expect(roster).toEqual([]);
  expect(listLeaving(plan, none)).toMatchObject([
    { serverId: old.serverId, isReplaced: true, isBroken: true },
  ]);
});

test('a misplaced probe is labelled with the hypervisor that it runs on, and as displaced', () => {
  const inventory = anInventory({
    hypervisors: [first, second],
    probes: [aProbe(first, { host: second.serviceHost }), aProbe(second)],
  });

  const roster = computeRoster({
    plan: planOf(inventory),
    inventory,
    probes: inventory.probes,
    proven: none,
    unproven: none,
  });
  const targets = computeTargets(roster, { region: 'lab', ports: { node: 9100 }, labels: {} }, 'prod');

  expect(
    targets.filter(({ labels }) => labels['displaced'] === 'true').map(({ labels }) => labels['hypervisor']),
  ).toEqual([second.hostname]);
});

test('what was published and is not confirmed to be gone stays published', () => {
  const peer = {
    probe_id: '0a0a0a0a',
    server_id: 's',
    address: '10.77.0.1',
    hypervisor: first.hostname,
    availability_zone: null,
  };
  const inventory = anInventory({ hypervisors: [first], unlisted: [peer], published: [peer] });

  const roster = computeRoster({
    plan: planOf(inventory),
    inventory,
    probes: [],
    proven: none,
    unproven: none,
  });

  expect(computePeers(roster)).toEqual([peer]);
});

test.each([
  ['was moved elsewhere', { host: second.serviceHost }],
  ['is on its way', { phase: 'migrating' }],
] as const)('a probe that %s stays published as it was while Nova leaves it out', (_what, fields) => {
  const probe = aProbe(first, fields);
  const inventory = anInventory({ hypervisors: [first, second] });
  const given = { plan: { entries: [] }, proven: none, unproven: none };
  const before = computeRoster({ ...given, inventory, probes: [probe] });
  const published = computePeers(before);

  const hidden = { ...inventory, unlisted: published, published };
  const after = computeRoster({ ...given, inventory: hidden, probes: [] });

  expect(published[0]?.made_for).toBe(first.hostname);
  expect(after).toEqual(before);
});

test('a probe that is where it belongs says nothing more of where that is', () => {
  const probes = [aProbe(first)];
  const given = { plan: { entries: [] }, inventory: anInventory(), probes, proven: none, unproven: none };
  expect(computePeers(computeRoster(given))[0]).not.toHaveProperty('made_for');
});

test('documents do not depend on the order in which Nova lists', () => {
  const inventory = anInventory({ hypervisors: [first, second], probes: [aProbe(first), aProbe(second)] });
  const plan = planOf(inventory);
  const policy = { region: 'lab', ports: { node: 9100, ping: 9374 }, labels: {} };

  const roster = computeRoster({ plan, inventory, probes: inventory.probes, proven: none, unproven: none });
  const reversed = computeRoster({
    plan,
    inventory,
    probes: inventory.probes.toReversed(),
    proven: none,
    unproven: none,
  });

  expect(computeTargets(reversed, policy, 'prod')).toEqual(computeTargets(roster, policy, 'prod'));
  expect(computePeers(reversed)).toEqual(computePeers(roster));
});

test('of two servers with one probe id the leaving one is known to have a twin that stays', () => {
  const twins = [aProbe(first, { serverId: 'a' }), aProbe(first, { serverId: 'b' })];
  const inventory = anInventory({ hypervisors: [first], probes: twins });

  const leaving = listLeaving(planOf(inventory), none);

  expect(leaving).toMatchObject([{ serverId: 'b', hasTwin: true }]);
});

test('of two servers with one probe id that both stay, since their hypervisor is down, one is published', () => {
  const down = { ...first, up: false };
  const twins = [aProbe(down, { serverId: 'a' }), aProbe(down, { serverId: 'b' })];
  const inventory = anInventory({ hypervisors: [down], probes: twins });
  const plan = planOf(inventory);
  const given = { inventory, probes: twins, proven: none, unproven: none };

  expect(plan.entries.map(({ action, orphan }) => [action, orphan])).toEqual([
    ['defer', false],
    ['defer', true],
  ]);
  const published = computePeers(computeRoster({ ...given, plan }));
  expect(published.map(({ server_id }) => server_id)).toEqual(['a']);
  const [peer] = published;
  const other = { ...inventory, published: peer === undefined ? [] : [{ ...peer, server_id: 'b' }] };
  const unplanned = computeRoster({ ...given, inventory: other, plan: { entries: [] } });
  expect(unplanned.map(({ serverId }) => serverId)).toEqual(['b']);
});
