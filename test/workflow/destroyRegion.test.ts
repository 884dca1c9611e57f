import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import type { DestroyReport } from '../../src/domain/destruction.ts';
import { names, type DestroyResult } from '../../src/workflows/contract.ts';
import { eventually } from '../support/await.ts';
import { openStage, type Scene, type Stage } from './support/stage.ts';
import { planCounts, stubActivities, waitForCancellation } from './support/stubs.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.stop();
});

async function start({ client, taskQueue }: Scene, input: unknown) {
  return await client.workflow.start<(input: unknown) => Promise<DestroyResult>>(names.destroyRegion, {
    taskQueue,
    workflowId: `destroy-${randomUUID()}`,
    args: [input],
  });
}

async function destroy(scene: Scene, more: object = {}): Promise<DestroyReport> {
  const { region } = scene;
  const entry = await start(scene, { region, confirm: region, ...more });
  return (await entry.result()) as DestroyReport;
}

async function refusal(scene: Scene, input: unknown): Promise<string> {
  const failed = await (await start(scene, input)).result().catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(WorkflowFailedError);
  return (failed as WorkflowFailedError).cause?.message ?? '';
}

/** The plan that the stubs have, but for what is given. */
function planning(changes: Partial<Awaited<ReturnType<Activities['planDestruction']>>>) {
  const { planDestruction } = stubActivities({}).activities;
  return {
    planDestruction: async (input: Parameters<typeof planDestruction>[0]) => ({
      ...(await planDestruction(input)),
      ...changes,
    }),
  };
}

test('probes are silenced, let go of, and only then deleted; the documents go last', async () => {
  await stage.play({ deleteProbes: deleting(3) }, async (scene) => {
    const report = await destroy(scene);

    expect(report).toMatchObject({ outcome: 'destroyed', deleted: 3, left: [], silences: 0 });
    const steps = scene.steps();
    expect(steps.slice(0, 2)).toEqual(['planDestruction', 'openSilences']);
    expect(steps.slice(2, 4).toSorted()).toEqual(['buildPeers', 'buildTargets']);
    expect(steps.slice(4)).toEqual([
      'uploadPeers',
      'publishTargets',
      'deleteProbes',
      'removeDocuments',
      'expireSilences',
      'writeReport',
    ]);
  });
});

test('silences that would end during the delete are extended right before it', async () => {
  const ends = [Date.now() - 1_000];
  const openSilences = () =>
    Promise.resolve({ silenceIds: ['silence'], probes: 3, coverUntilMs: ends.shift() ?? Infinity });
  await stage.play({ openSilences, deleteProbes: deleting(3) }, async (scene) => {
    expect(await destroy(scene)).toMatchObject({ outcome: 'destroyed' });

    const steps = scene.steps();
    expect(steps.filter((step) => step === 'openSilences')).toHaveLength(2);
    expect(steps[steps.indexOf('deleteProbes') - 1]).toBe('openSilences');
  });
});

function deleting(deleted: number): Activities['deleteProbes'] {
  return () => Promise.resolve({ deleted, replaced: 0, failures: [] });
}

test('a dry run needs no confirmation and calls no step that changes anything', async () => {
  await stage.play({}, async (scene) => {
    const entry = await start(scene, { region: scene.region, dryRun: true });

    expect(await entry.result()).toMatchObject({ outcome: 'planned', deleted: 0 });
    expect(scene.steps()).toEqual(['planDestruction']);
  });
});

test('without the name of the region once more, or with a key that nobody knows, it is refused', async () => {
  await stage.play({}, async (scene) => {
    const { region } = scene;

    for (const input of [{ region }, { region, confirm: 'other' }, { region, confirm: true }])
      expect(await refusal(scene, input)).toContain('confirm must be the name of the region once more');
    expect(await refusal(scene, { region, confirm: region, force: true })).toContain('"force" is not known');
    expect(await refusal(scene, { confirm: 'x' })).toContain('it looks like {"region":"luxembourg"');
    expect(scene.calls).toEqual([]);
  });
});

test('it and a pass keep each other out', async () => {
  const gate = Promise.withResolvers<undefined>();
  const slow = {
    writeReport: async () => {
      await gate.promise;
      return { report: { key: 'k', sha256: 's', bytes: 1 }, pruned: 0 };
    },
  };
  await stage.play(slow, async (scene) => {
    const { region } = scene;
    const first = await start(scene, { region, confirm: region });
    await eventually(() => scene.steps().includes('writeReport'), { describe: 'it is at its end' });

    const pass = await scene.start({ region });
    const second = await start(scene, { region, confirm: region });

    const busy = { outcome: 'already running', workflowId: names.passWorkflowId(region) };
    expect(await pass.result()).toMatchObject(busy);
    expect(await second.result()).toMatchObject(busy);
    gate.resolve(undefined);
    expect(await first.result()).toMatchObject({ outcome: 'destroyed' });
  });
});

test('what stays on a hypervisor that is down keeps its documents, and the region isn’t destroyed', async () => {
  const left = [{ what: 'probe', name: 'probe-cmp001-0000000a', why: 'down' }] as const;
  const plan = planning({ counts: planCounts({ delete: 2, defer: 1 }), left });
  await stage.play(plan, async (scene) => {
    const report = await destroy(scene);

    expect(report).toMatchObject({ outcome: 'incomplete', probesLeft: 1, left, documents: [] });
    expect(scene.steps()).not.toContain('removeDocuments');
  });
});

test('a probe that can’t be deleted keeps the documents too', async () => {
  const failures = [
    { hypervisor: 'cmp001', probeId: '0000000a', step: 'delete', kind: 'timeout', message: 'still there' },
  ] as const;
  const deleteProbes = () => Promise.resolve({ deleted: 2, replaced: 0, failures });
  await stage.play({ deleteProbes }, async (scene) => {
    expect(await destroy(scene)).toMatchObject({ outcome: 'incomplete', probesLeft: 1, failures });
    expect(scene.steps()).not.toContain('removeDocuments');
  });
});

test('where nothing is there any more it does nothing but to look and to say so', async () => {
  await stage.play(planning({ counts: planCounts(), documents: [] }), async (scene) => {
    expect(await destroy(scene)).toMatchObject({ outcome: 'destroyed', deleted: 0 });
    expect(scene.steps()).toEqual(['planDestruction', 'removeDocuments', 'expireSilences']);
  });
});

test('it waits with its end until no silence is needed any more', async () => {
  let asked = 0;
  const expireSilences = () => Promise.resolve({ changed: 1, left: asked++ === 0 ? 2 : 0 });
  await stage.play({ expireSilences }, async (scene) => {
    expect(await destroy(scene)).toMatchObject({ outcome: 'destroyed', silences: 0 });
    expect(scene.steps().filter((step) => step === 'expireSilences')).toHaveLength(2);
  });
});

test('silences that outlast their time are left, and told', async () => {
  const expireSilences = () => Promise.resolve({ changed: 0, left: 2 });
  await stage.play({ ...planning({ silenceMs: 0 }), expireSilences }, async (scene) => {
    const report = await destroy(scene);

    expect(report).toMatchObject({ outcome: 'incomplete', silences: 2, probesLeft: 0 });
    expect(report.left).toMatchObject([{ what: 'silences', name: '2 silences' }]);
  });
});

test('cancelled, it ends the step that is under way and takes back what is silenced for nothing', async () => {
  await stage.play({ deleteProbes: waitForCancellation }, async (scene) => {
    const { region } = scene;
    const entry = await start(scene, { region, confirm: region });
    await eventually(() => scene.steps().includes('deleteProbes'), { describe: 'the delete is running' });

    await entry.cancel();

    await expect(entry.result()).rejects.toThrow();
    expect(scene.steps().at(-1)).toBe('expireSilences');
    expect(scene.steps()).not.toContain('removeDocuments');
  });
});

test('its inside refuses to run under an id that is no lock', async () => {
  await stage.play({}, async ({ client, taskQueue, region, calls }) => {
    const inside = client.workflow.execute(names.destroyRegionPass, {
      taskQueue,
      workflowId: `free-${randomUUID()}`,
      args: [{ region, dryRun: false, forceDown: false }],
    });

    await expect(inside).rejects.toMatchObject({
      cause: { message: expect.stringContaining('start that one') },
    });
    expect(calls).toEqual([]);
  });
});
