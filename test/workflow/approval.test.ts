import { WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import type { PassProgress } from '../../src/workflows/frame.ts';
import { eventually } from '../support/await.ts';
import { openStage, type Scene, type Stage } from './support/stage.ts';
import { artifact, planCounts } from './support/stubs.ts';

const PLAN = 'aaaaaaaaaaaa';
const OTHER = 'bbbbbbbbbbbb';
const LONG_MS = 600_000;

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.stop();
});

/** The `planChanges` that gives these plans one after the other, the last one again and again; `null` isn't held. */
function plans(hashes: readonly (string | null)[], timeoutMs = LONG_MS): Pick<Activities, 'planChanges'> {
  let looks = 0;
  return {
    planChanges: () => {
      const hash = hashes[Math.min(looks, hashes.length - 1)] ?? null;
      looks += 1;
      return Promise.resolve({
        plan: artifact(hash ?? 'free'),
        counts: planCounts({ delete: 9 }),
        changes: [{ hypervisor: 'cmp001', action: 'delete', reason: 'retired' }],
        ...(hash === null
          ? { held: [] }
          : { held: ['too many deletes'], approval: { planHash: hash, timeoutMs } }),
      });
    },
  };
}

async function waitsFor(scene: Scene, plan: string): Promise<void> {
  await eventually(
    async () => {
      const { planHash, step } = await scene.pass().query<PassProgress>('report');
      return planHash === plan && step.includes(`plan ${plan} waits`);
    },
    { describe: `plan ${plan} waits` },
  );
}

function updated(scene: Scene, word: string, input: unknown): Promise<string> {
  return scene.pass().executeUpdate<string, [unknown]>(word, { args: [input] });
}

async function refusalOf(answer: Promise<unknown>): Promise<string> {
  const error: unknown = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
  return (error as WorkflowUpdateFailedError).cause?.message ?? '';
}

describe('a plan that the guard holds', () => {
  test('is carried out once it is approved, and the report says by whom', async () => {
    await stage.play(plans([PLAN]), async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await waitsFor(scene, PLAN);
      expect(scene.steps()).not.toContain('deleteProbes');

      expect(await updated(scene, 'approve', { plan: PLAN, by: 'ann' })).toBe(`plan ${PLAN} is approved`);

      expect(await entry.result()).toMatchObject({
        outcome: 'converged',
        deleted: 1,
        decision: { kind: 'approved', plan: PLAN, by: 'ann' },
      });
    });
  });

  test.each(['approve', 'reject'])(
    'takes the signal %s with the hash alone, as tctl sends it',
    async (word) => {
      await stage.play(plans([PLAN]), async (scene) => {
        const entry = await scene.start({ region: scene.region });
        await waitsFor(scene, PLAN);

        await scene.pass().signal(word, PLAN);

        expect(await entry.result()).toMatchObject(
          word === 'approve'
            ? { outcome: 'converged', decision: { kind: 'approved', by: null } }
            : { outcome: 'held', deleted: 0, decision: { kind: 'rejected', by: null } },
        );
        expect(scene.steps().includes('deleteProbes')).toBe(word === 'approve');
      });
    },
  );

  test('isn’t moved by a word on another plan, by none, or by one that came before', async () => {
    await stage.play(plans([PLAN]), async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await waitsFor(scene, PLAN);
      for (const said of [OTHER, '', 7, null, { plan: OTHER }, { by: 'ann' }])
        await scene.pass().signal('approve', said);

      expect(await refusalOf(updated(scene, 'approve', { plan: OTHER }))).toContain(
        `the plan that waits for approval is ${PLAN}, not ${OTHER}`,
      );
      expect(await refusalOf(updated(scene, 'approve', 7))).toContain('wants the hash of the plan');
      expect(scene.steps()).not.toContain('deleteProbes');

      await updated(scene, 'reject', { plan: PLAN });
      expect(await entry.result()).toMatchObject({ outcome: 'held', decision: { kind: 'rejected' } });
    });
  });

  test('shows who decided as text, whatever it holds', async () => {
    await stage.play(plans([PLAN]), async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await waitsFor(scene, PLAN);

      await updated(scene, 'reject', { plan: PLAN, by: 'Zoë O\u0027Neill@ops <img>`\u001b[2J|' });

      expect(await entry.result()).toMatchObject({ decision: { by: "Zoë O'Neill@ops ?img????2J?" } });
    });
  });

  test('changes nothing when nobody approves it in time', async () => {
    await stage.play(plans([PLAN], 500), async (scene) => {
      const report = await (await scene.start({ region: scene.region })).result();

      expect(report).toMatchObject({
        outcome: 'held',
        deleted: 0,
        decision: { kind: 'expired', plan: PLAN },
      });
      expect(scene.steps()).not.toContain('deleteProbes');
      expect(scene.steps()).toContain('writeReport');
    });
  });

  test('needs another approval when it has become another plan meanwhile', async () => {
    await stage.play(plans([PLAN, OTHER]), async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await waitsFor(scene, PLAN);
      await updated(scene, 'approve', { plan: PLAN });
      await waitsFor(scene, OTHER);
      expect(scene.steps()).not.toContain('deleteProbes');

      await updated(scene, 'approve', { plan: OTHER, by: 'bob' });

      expect(await entry.result()).toMatchObject({
        outcome: 'converged',
        decision: { kind: 'approved', plan: OTHER, by: 'bob' },
      });
    });
  });

  test('isn’t needed any more when the region has come right meanwhile', async () => {
    await stage.play(plans([PLAN, null]), async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await waitsFor(scene, PLAN);

      await updated(scene, 'approve', { plan: PLAN });

      expect(await entry.result()).toMatchObject({ outcome: 'converged', held: [] });
    });
  });

  test('can be cancelled while it waits, and then nothing was changed', async () => {
    await stage.play(plans([PLAN]), async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await waitsFor(scene, PLAN);

      await entry.cancel();

      await expect(entry.result()).rejects.toThrow();
      expect(scene.steps()).not.toContain('deleteProbes');
    });
  });

  test('is refused a word when no plan waits', async () => {
    let go = (): void => undefined;
    const gone = new Promise<void>((resolve) => {
      go = resolve;
    });
    const listInventory = async () => {
      await gone;
      throw new Error('the test is over');
    };
    await stage.play({ listInventory }, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await eventually(() => scene.steps().includes('listInventory'), { describe: 'the pass has begun' });

      expect(await refusalOf(updated(scene, 'approve', { plan: PLAN }))).toBe('no plan waits for approval');

      await entry.terminate();
      go();
    });
  });
});
