import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { computePlanHash } from '../../../src/domain/approval.ts';
import type { Plan, PlanEntry } from '../../../src/domain/plan.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const probe = {
  host: 'cmp001',
  probeId: '0a1b2c3d',
  serverId: 'server-1',
  name: 'probe-cmp001-0a1b2c3d',
};
const removal = aRemoval({});

function aRemoval(changed: object): PlanEntry {
  const reason = { code: 'retiring', text: 'drained since 10:00' };
  return { hypervisor: 'cmp001', orphan: false, reason, action: 'delete', probe, ...changed } as PlanEntry;
}

function aPlan(entries: readonly PlanEntry[], changed: Partial<Plan> = {}): Plan {
  return { installation: 'prod', region: 'lab', revision: 'r1', entries, held: ['too many'], ...changed };
}

function hash(plan: Plan): string {
  return computePlanHash(plan, sha256);
}

test('the hash of a plan doesn’t depend on what is only told or kept', () => {
  const kept = aRemoval({ hypervisor: 'cmp002', action: 'keep' });
  const told = aRemoval({ reason: { code: 'retiring', text: 'drained since 10:01' } });

  expect(hash(aPlan([removal]))).toMatch(/^[0-9a-f]{12}$/);
  expect(hash(aPlan([told, kept]))).toBe(hash(aPlan([removal])));
});

test.each([
  ['another server', aPlan([aRemoval({ probe: { ...probe, serverId: 'server-2' } })])],
  ['one more removal', aPlan([removal, aRemoval({ hypervisor: 'cmp002' })])],
  ['another finding of the guard', aPlan([removal], { held: ['half of the region is gone'] })],
  ['another region', aPlan([removal], { region: 'other' })],
  ['another revision', aPlan([removal], { revision: 'r2' })],
  ['a mark', aPlan([aRemoval({ mark: 'unretire' })])],
])('the hash of a plan changes with %s', (_what, plan) => {
  expect(hash(plan)).not.toBe(hash(aPlan([removal])));
});
