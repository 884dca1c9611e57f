import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import type { HypervisorFailure } from '../../src/domain/failure.ts';
import type { Finding } from '../../src/domain/finding.ts';
import { whole } from '../contract/steps/world.ts';
import { openStage, type Stage } from './support/stage.ts';
import { artifact, planCounts, planning, stubActivities } from './support/stubs.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.stop();
});

const noRoom: HypervisorFailure = {
  hypervisor: 'h',
  probeId: '0000000a',
  step: 'build',
  kind: 'noCapacity',
  message: 'No valid host was found.',
};
const failing = (failure: HypervisorFailure): Pick<Activities, 'awaitProbes'> => ({
  awaitProbes: () => Promise.resolve({ standing: 0, created: 0, failed: 1, failures: [failure] }),
});
const listing = (memory?: 'malformed'): Pick<Activities, 'listInventory'> => ({
  listInventory: async (input) => {
    const { memory: _, ...listed } = whole(await stubActivities({}).activities.listInventory(input));
    return memory === undefined ? listed : { ...listed, memory };
  },
});

/** A pass that leaves these hypervisors alone. */
function leavingAlone(...findings: readonly Finding[]): Pick<Activities, 'planChanges'> {
  const counts = planCounts({ defer: findings.length });
  return {
    planChanges: () => Promise.resolve({ plan: artifact('plan'), counts, changes: [], held: [], findings }),
  };
}

test('what came of new probes is remembered before they are verified', async () => {
  await stage.play({ ...planning({ create: 1 }), ...failing(noRoom) }, async (scene) => {
    await (await scene.start({ region: scene.region })).result();

    const told = ['rememberCreations', 'uploadPeers', 'verifyProbes'];
    const steps = scene.steps().filter((step) => told.includes(step));
    expect(steps).toEqual(['rememberCreations', 'uploadPeers', 'rememberCreations', 'verifyProbes']);
    const input = {
      plan: artifact('plan'),
      failures: [{ probeId: '0000000a', step: 'build', kind: 'noCapacity' }],
    };
    expect(scene.calls.findLast(({ name }) => name === 'rememberCreations')).toMatchObject({ input });
  });
});

test('what came of new probes is remembered also by a pass that fails afterwards', async () => {
  const uploadPeers = () => Promise.reject(ApplicationFailure.nonRetryable('not for you', 'forbidden'));
  await stage.play({ ...planning({ create: 1 }), ...failing(noRoom), uploadPeers }, async (scene) => {
    await expect((await scene.start({ region: scene.region })).result()).rejects.toThrow();

    const input = {
      tried: 'make-before-break',
      failures: [{ probeId: '0000000a', step: 'build', kind: 'noCapacity' }],
    };
    expect(scene.calls.filter(({ name }) => name === 'rememberCreations')).toMatchObject([{ input }]);
  });
});

test('a pass that makes no probe remembers nothing', async () => {
  await stage.play(planning({ keep: 3 }), async (scene) => {
    await (await scene.start({ region: scene.region })).result();
    expect(scene.steps()).not.toContain('rememberCreations');
  });
});

test('a memory that is none is written anew, though no probe is made', async () => {
  await stage.play({ ...planning({ keep: 3 }), ...listing('malformed') }, async (scene) => {
    await (await scene.start({ region: scene.region })).result();
    expect(scene.steps()).toContain('rememberCreations');
  });
});

test('a pass that an older worker began goes on without a memory', async () => {
  await stage.play({ ...planning({ create: 1 }), ...failing(noRoom), ...listing() }, async (scene) => {
    await (await scene.start({ region: scene.region })).result();
    expect(scene.steps()).not.toContain('rememberCreations');
  });
});

test('a hypervisor without room is a finding of a pass that has converged', async () => {
  await stage.play({ ...planning({ create: 1 }), ...failing(noRoom) }, async (scene) => {
    const report = await (await scene.start({ region: scene.region })).result();

    const findings = [{ hypervisor: 'h', kind: 'unplaceable', message: noRoom.message }];
    expect(report).toMatchObject({ outcome: 'converged', failures: [], findings });
  });
});

test('an exhausted quota is a failure', async () => {
  const quota = { ...noRoom, kind: 'quotaExceeded' as const };
  await stage.play({ ...planning({ create: 1 }), ...failing(quota) }, async (scene) => {
    const report = await (await scene.start({ region: scene.region })).result();
    expect(report).toMatchObject({ outcome: 'degraded', failures: [quota], findings: [] });
  });
});

test.each<[Finding['kind'], string]>([
  ['unplaceable', 'converged'],
  ['creationPaused', 'degraded'],
])('a pass over a hypervisor that is left alone as %s ends as %s', async (kind, outcome) => {
  const finding = { hypervisor: 'h', kind, message: 'creation failed 2 times' };
  await stage.play(leavingAlone(finding), async (scene) => {
    const report = await (await scene.start({ region: scene.region })).result();
    expect(report).toMatchObject({ outcome, findings: [finding] });
  });
});
