import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HypervisorFailure } from '../../src/domain/failure.ts';
import { eventually } from '../support/await.ts';
import { openStage, type Scene, type Stage } from './support/stage.ts';
import { artifact, planning, stubActivities } from './support/stubs.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.stop();
});

const HOURS_4 = 4 * 3_600;

/** A plan that creates and deletes, whose listing waits until it is told to go on. */
function waitingPlan() {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const listInventory = async (input: { readonly region: string; readonly pass: string }) => {
    await promise;
    return await stubActivities({}).activities.listInventory(input);
  };
  return { steps: { ...planning({ create: 1, delete: 1 }), listInventory }, goOn: () => resolve(undefined) };
}

const noRoom: HypervisorFailure = {
  hypervisor: 'h',
  probeId: '0000000a',
  step: 'build',
  kind: 'noCapacity',
  message: 'No valid host was found.',
};

async function step(scene: Scene): Promise<string> {
  return (await scene.pass().query<{ step: string }>('report')).step;
}

async function reaches(scene: Scene, wanted: string): Promise<void> {
  await eventually(async () => (await step(scene)) === wanted, { describe: `it is at: ${wanted}` });
}

async function labelOf(scene: Scene): Promise<unknown> {
  const { typedSearchAttributes } = await scene.pass().describe();
  return typedSearchAttributes.getAll().find(({ key }) => key.name === 'InnervisorOutcome')?.value;
}

async function currentDetails(scene: Scene): Promise<string> {
  const metadata = await scene.pass().query<{ currentDetails: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails;
}

describe('a pass that somebody pauses', () => {
  test('changes nothing until it is resumed, and says who has paused it', async () => {
    const { steps, goOn } = waitingPlan();
    await stage.play(steps, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await eventually(() => scene.steps().includes('listInventory'), { describe: 'it lists' });
      await scene.pass().signal('pause', { by: 'Zoë | <b>' });
      goOn();
      await reaches(scene, 'paused by Zoë ? ?b? before carrying out the plan');

      expect(scene.steps()).toEqual(['listInventory', 'selectHypervisors', 'planChanges']);
      await eventually(async () => (await labelOf(scene)) === 'paused', { describe: 'it is labelled' });
      expect(await currentDetails(scene)).toContain(
        'To let it go on: _More Actions_ → _Send an Update_ → `resume`',
      );
      await scene.pass().signal('resume');
      expect(await entry.result()).toMatchObject({ outcome: 'converged', deleted: 1 });
      expect(await currentDetails(scene)).not.toContain('To let it go on');
      const { events } = await scene.pass().fetchHistory();
      const timer = events?.find(({ timerStartedEventAttributes }) => timerStartedEventAttributes);
      expect(Number(timer?.timerStartedEventAttributes?.startToFireTimeout?.seconds)).toBe(HOURS_4);
      expect(String(timer?.userMetadata?.summary?.data)).toContain('paused by Zo? ? ?b?; the pass');
    });
  });

  test('stands still before its deletes when it was paused while it created, and answers updates', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const createProbes = async () => {
      await promise;
      return { names: [], failures: [] };
    };
    await stage.play({ ...planning({ create: 1, delete: 1 }), createProbes }, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await eventually(() => scene.steps().includes('createProbes'), { describe: 'it creates' });
      const answer = await scene.pass().executeUpdate<string, [string]>('pause', { args: ['alice'] });
      resolve(undefined);
      await reaches(scene, 'paused by alice before deleting probes that nothing watches any more');

      expect(answer).toBe('the pass stands still before its next change');
      expect(scene.steps()).toContain('publishTargets');
      expect(scene.steps()).not.toContain('deleteProbes');
      expect(await scene.pass().executeUpdate('resume')).toBe('the pass goes on');
      expect(await entry.result()).toMatchObject({ outcome: 'converged', deleted: 1 });
    });
  });

  test('stands still before anything makes room, while every hypervisor is watched', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const openSilences = async () => {
      await promise;
      return { silenceIds: ['silence'], probes: 1 };
    };
    await stage.play({ ...planning({ replace: 1, breaks: 1 }), openSilences }, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await eventually(() => scene.steps().includes('openSilences'), { describe: 'it silences' });
      await scene.pass().signal('pause');
      resolve(undefined);
      await reaches(scene, 'paused by somebody before letting go of probes that make room');

      expect(scene.steps()).not.toContain('publishTargets');
      await scene.pass().signal('resume');
      expect(await entry.result()).toMatchObject({ outcome: 'converged' });
    });
  });

  test('stands still before it lets a probe go for want of room, too', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const proveReplacements = async () => {
      await promise;
      return { proof: artifact('proof'), proven: 0, failures: [] };
    };
    const awaitProbes = () => Promise.resolve({ standing: 0, created: 0, failed: 1, failures: [noRoom] });
    const steps = { ...planning({ replace: 1 }), proveReplacements, awaitProbes };
    await stage.play(steps, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await eventually(() => scene.steps().includes('proveReplacements'), { describe: 'it looks' });
      await scene.pass().signal('pause');
      resolve(undefined);
      await reaches(scene, 'paused by somebody before letting go of probes that make room');

      expect(scene.steps()).toContain('planFallback');
      expect(scene.steps()).not.toContain('openSilences');
      await scene.pass().signal('resume');
      await entry.result();
      expect(scene.steps()).toContain('deleteProbes');
    });
  });

  test('does not stand still while a probe that made room has no successor yet', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const publishTargets = async () => {
      await promise;
      return { written: true, targets: 3 };
    };
    await stage.play({ ...planning({ replace: 1, breaks: 1 }), publishTargets }, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await eventually(() => scene.steps().includes('publishTargets'), { describe: 'it lets go of it' });
      await scene.pass().signal('pause');
      resolve(undefined);

      expect(await entry.result()).toMatchObject({ outcome: 'converged' });
      expect(scene.steps()).toContain('createProbes');
    });
  });

  test('can be cancelled while it stands still, and takes back its silences', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const openSilences = async () => {
      await promise;
      return { silenceIds: ['silence'], probes: 1 };
    };
    await stage.play({ ...planning({ create: 1, delete: 1 }), openSilences }, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await eventually(() => scene.steps().includes('openSilences'), { describe: 'it silences' });
      await scene.pass().signal('pause');
      resolve(undefined);
      await reaches(scene, 'paused by somebody before creating 1 probes');

      await entry.cancel();

      await expect(entry.result()).rejects.toThrow();
      expect(scene.steps()).not.toContain('createProbes');
      expect(scene.steps().at(-1)).toBe('expireSilences');
      expect(await labelOf(scene)).toBe('cancelled');
    });
  });

  test('that is resumed without having been paused is told so', async () => {
    const { steps, goOn } = waitingPlan();
    await stage.play(steps, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await eventually(() => scene.steps().includes('listInventory'), { describe: 'it lists' });

      expect(await scene.pass().executeUpdate('resume')).toBe('the pass was not paused');
      goOn();
      await entry.result();
    });
  });
});
