import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import type { HypervisorFailure } from '../../src/domain/failure.ts';
import { openStage, type Stage } from './support/stage.ts';
import { artifact, planning } from './support/stubs.ts';

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
const ORDER = [
  ...['openSilences', 'createProbes', 'awaitProbes', 'removeHalfMade', 'publishTargets'],
  ...['proveReplacements', 'planFallback', 'deleteProbes', 'expireSilences', 'verifyProbes'],
];
const fallback = artifact('fallback');
const proveNothing: Activities['proveReplacements'] = () =>
  Promise.resolve({ proof: artifact('proof'), proven: 0, failures: [] });
const breakOne: Activities['deleteProbes'] = () =>
  Promise.resolve({ deleted: 0, replaced: 1, broken: 1, failures: [] });

/** The first builds end with `failure` each, one attempt after the other; then all stand. */
function failing(...failures: readonly HypervisorFailure[]): Activities['awaitProbes'] {
  const left = [...failures];
  return () => {
    const failure = left.shift();
    return Promise.resolve(
      failure === undefined
        ? { standing: 1, created: 0, failed: 0, failures: [] }
        : { standing: 0, created: 0, failed: 1, failures: [failure] },
    );
  };
}

describe('a probe whose successor finds no room beside it', () => {
  const replacing = { ...planning({ replace: 1 }), proveReplacements: proveNothing, deleteProbes: breakOne };

  test('goes first, in the same pass: silenced, unpublished, deleted, made anew, published', async () => {
    await stage.play({ ...replacing, awaitProbes: failing(noRoom) }, async (scene) => {
      const report = await (await scene.start({ region: scene.region })).result();

      expect(report).toMatchObject({ outcome: 'converged', replaced: 1, deleted: 0, failures: [] });
      expect(scene.steps().filter((step) => ORDER.includes(step))).toEqual([
        ...['createProbes', 'awaitProbes', 'removeHalfMade', 'publishTargets', 'proveReplacements'],
        ...['planFallback', 'openSilences', 'publishTargets', 'deleteProbes'],
        ...['createProbes', 'awaitProbes', 'publishTargets', 'verifyProbes', 'expireSilences'],
      ]);
      const plans = scene.calls
        .filter(({ name }) => ['openSilences', 'deleteProbes', 'verifyProbes'].includes(name))
        .map(({ input }) => input);
      expect(plans).toMatchObject([{ plan: fallback }, { plan: fallback }, { plan: fallback }]);
      const made = scene.calls.filter(({ name }) => name === 'createProbes').map(({ input }) => input);
      expect(made).toMatchObject([
        { plan: artifact('plan'), order: 'make-before-break' },
        { plan: fallback, order: 'break-before-make' },
      ]);
    });
  });

  test('is freed of its silence at once when its successor fails after all, and counts as deleted', async () => {
    const refused = { ...noRoom, kind: 'buildFailed' as const, message: 'out of luck' };
    await stage.play({ ...replacing, awaitProbes: failing(noRoom, refused) }, async (scene) => {
      const report = await (await scene.start({ region: scene.region })).result();

      expect(report).toMatchObject({ outcome: 'degraded', replaced: 0, deleted: 1, failures: [refused] });
      const after = scene.steps().slice(scene.steps().indexOf('deleteProbes'));
      expect(after.filter((step) => ORDER.includes(step))).toEqual([
        ...['deleteProbes', 'createProbes', 'awaitProbes', 'removeHalfMade', 'expireSilences'],
        ...['publishTargets', 'verifyProbes', 'expireSilences'],
      ]);
      const freed = scene.calls.filter(({ name }) => name === 'expireSilences').map(({ input }) => input);
      expect(freed).toMatchObject([{ broken: fallback }, { broken: fallback }]);
    });
  });

  test('is a failure, no finding, when it was removed for a successor that finds no room even then', async () => {
    await stage.play({ ...replacing, awaitProbes: failing(noRoom, noRoom) }, async (scene) => {
      const report = await (await scene.start({ region: scene.region })).result();

      expect(report).toMatchObject({ outcome: 'degraded', failures: [noRoom], findings: [] });
    });
  });

  test('stays when its successor failed for another reason', async () => {
    const failure = { ...noRoom, kind: 'buildFailed' as const };
    await stage.play({ ...replacing, awaitProbes: failing(failure) }, async (scene) => {
      const report = await (await scene.start({ region: scene.region })).result();

      expect(report).toMatchObject({ outcome: 'degraded', failures: [failure] });
      expect(scene.steps()).not.toContain('planFallback');
      expect(scene.steps()).not.toContain('deleteProbes');
    });
  });

  test('stays when the plan says so, and the want of room is told', async () => {
    const planFallback = () => Promise.resolve({ plan: artifact('plan'), probeIds: [] });
    await stage.play({ ...replacing, planFallback, awaitProbes: failing(noRoom) }, async (scene) => {
      const report = await (await scene.start({ region: scene.region })).result();

      const findings = [{ hypervisor: 'h', kind: 'unplaceable', message: noRoom.message }];
      expect(report).toMatchObject({ outcome: 'converged', failures: [], findings });
      expect(scene.steps()).not.toContain('deleteProbes');
    });
  });

  test('is freed of its silence when the pass fails between its end and its successor', async () => {
    const createProbes: Activities['createProbes'] = ({ order }) =>
      order === 'break-before-make'
        ? Promise.reject(new Error('the worker lost its way'))
        : Promise.resolve({ names: [], failures: [] });
    const steps = { ...replacing, createProbes, awaitProbes: failing(noRoom) };
    await stage.play(steps, async (scene) => {
      await expect((await scene.start({ region: scene.region })).result()).rejects.toThrow();

      expect(scene.calls.at(-1)).toMatchObject({ name: 'expireSilences', input: { broken: fallback } });
    });
  });
});

test('where the configuration says so the old one goes before anything is made', async () => {
  const steps = { ...planning({ replace: 1, breaks: 1 }), deleteProbes: breakOne };
  await stage.play({ ...steps, awaitProbes: failing() }, async (scene) => {
    const report = await (await scene.start({ region: scene.region })).result();

    expect(report).toMatchObject({ outcome: 'converged', replaced: 1 });
    expect(scene.steps().filter((step) => ORDER.includes(step))).toEqual([
      ...['openSilences', 'publishTargets', 'deleteProbes', 'createProbes', 'awaitProbes'],
      ...['publishTargets', 'verifyProbes', 'expireSilences'],
    ]);
  });
});
