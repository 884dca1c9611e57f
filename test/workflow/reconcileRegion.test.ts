import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PassProgress } from '../../src/workflows/frame.ts';
import { names } from '../../src/workflows/contract.ts';
import { eventually } from '../support/await.ts';
import { openStage, type Scene, type Stage } from './support/stage.ts';
import { artifact, planning, waitForCancellation } from './support/stubs.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.stop();
});

const CHANGING = [
  'markProbes',
  'openSilences',
  'prepareCreation',
  'createProbes',
  'removeHalfMade',
  'uploadPeers',
  'publishTargets',
  'deleteProbes',
  'expireSilences',
];

/** What a workflow failed with, at the bottom of the chain of causes. */
async function failureOf(result: Promise<unknown>): Promise<Error> {
  let error: unknown = await result.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(WorkflowFailedError);
  while (error instanceof Error && error.cause instanceof Error) error = error.cause;
  return error as Error;
}

async function reached(scene: Scene, step: string): Promise<void> {
  await eventually(() => scene.steps().includes(step), { describe: `${step} was called` });
}

/** A promise that the test resolves, for a step that is to last as long as the test wants. */
function gate(): { readonly opened: Promise<void>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    opened: promise,
    open: () => {
      resolve(undefined);
    },
  };
}

describe('the input of reconcileRegion', () => {
  test.each([
    ['no region', {}, 'region must be the name of a region'],
    ['no object', 'luxembourg', 'region must be the name of a region'],
    ['an unknown key', { region: 'luxembourg', dryrun: true }, '"dryrun" is not known'],
    ['a dryRun that is no boolean', { region: 'luxembourg', dryRun: 'yes' }, 'dryRun must be true or false'],
  ])('is refused with %s, and the message shows the right form', async (_what, input, reason) => {
    await stage.play({}, async ({ start, steps }) => {
      const failure = await failureOf((await start(input)).result());

      expect(failure).toBeInstanceOf(ApplicationFailure);
      expect(failure).toMatchObject({ type: 'invalidConfig', nonRetryable: true });
      expect(failure.message).toContain(reason);
      expect(failure.message).toContain('{"region":"luxembourg","dryRun":true}');
      expect(steps()).toEqual([]);
    });
  });

  test('may leave out dryRun, and then the plan is carried out', async () => {
    await stage.play({}, async ({ start, region, steps }) => {
      expect(await (await start({ region })).result()).toMatchObject({ region, outcome: 'converged' });
      expect(steps()).toContain('publishTargets');
    });
  });
});

describe('the pass over a region', () => {
  test('ends degraded and names the Prometheus that lacks the targets which were published last', async () => {
    const unequal = [{ replica: 'prom-2.example.net', difference: '2 missing, 0 too many' }];
    const publishTargets = () => Promise.resolve({ written: true, targets: 3, unequal });
    await stage.play({ publishTargets }, async ({ start, region }) => {
      const result = await (await start({ region })).result();

      expect(result).toMatchObject({ outcome: 'degraded', failures: [], unequalReplicas: unequal });
    });
  });

  test('refuses to run under another id than the one of its region', async () => {
    await stage.play({}, async ({ client, taskQueue, region, steps }) => {
      const handle = await client.workflow.start(names.reconcileRegionPass, {
        taskQueue,
        workflowId: `another/${region}`,
        args: [{ region, dryRun: false }],
      });
      const failure = await failureOf(handle.result());

      expect(failure.message).toContain('start that one');
      expect(failure).toMatchObject({ type: 'invalidConfig', nonRetryable: true });
      expect(steps()).toEqual([]);
    });
  });

  test('runs once at a time: a second start says that it already runs, and where', async () => {
    const held = gate();
    const inventory = { inventory: artifact('inventory'), hypervisors: 1, probes: 1, unlisted: 0 };
    const wait = {
      buildMs: 1_000,
      deleteMs: 1_000,
      targetsMs: 1_000,
      verifyMs: 1_000,
      verifyPollMs: 1_000,
      pollMs: 100,
    };
    const listInventory = () => held.opened.then(() => ({ ...inventory, wait }));
    await stage.play({ listInventory }, async (scene) => {
      const first = await scene.start({ region: scene.region });
      await reached(scene, 'listInventory');
      const second = await (await scene.start({ region: scene.region })).result();

      expect(second).toMatchObject({
        region: scene.region,
        outcome: 'already running',
        workflowId: `region/${scene.region}`,
      });
      expect(second).toHaveProperty('message', expect.stringContaining(`region/${scene.region}`));
      held.open();
      expect(await first.result()).toMatchObject({ outcome: 'converged' });
      expect(scene.steps().filter((step) => step === 'listInventory')).toHaveLength(1);
    });
  });

  test('tells by a query which step it is at', async () => {
    const held = gate();
    const verifyProbes = () =>
      held.opened.then(() => ({
        verified: 3,
        failed: 0,
        pending: 0,
        failedChecks: [],
        boots: null,
        slowestBoots: [],
      }));
    await stage.play({ verifyProbes }, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await reached(scene, 'verifyProbes');

      const progress = await scene.pass().query<PassProgress>('report');
      expect(progress).toMatchObject({ region: scene.region, step: 'verifying every probe' });
      held.open();
      await entry.result();
      expect(await scene.pass().query<PassProgress>('report')).toMatchObject({ outcome: 'converged' });
    });
  });

  test('changes nothing in a dry run', async () => {
    await stage.play(planning({ create: 2, replace: 1, delete: 1, marks: 1 }), async (scene) => {
      const report = await (await scene.start({ region: scene.region, dryRun: true })).result();

      expect(report).toMatchObject({ outcome: 'planned', plan: { create: 2, replace: 1, delete: 1 } });
      expect(scene.steps()).toEqual(['listInventory', 'selectHypervisors', 'planChanges']);
    });
  });

  test('changes nothing when the guard holds the plan, and says why', async () => {
    await stage.play(planning({ delete: 9, marks: 2 }, ['too many deletes']), async (scene) => {
      const report = await (await scene.start({ region: scene.region })).result();

      expect(report).toMatchObject({ outcome: 'held', held: ['too many deletes'], deleted: 0 });
      expect(scene.steps().filter((step) => CHANGING.includes(step))).toEqual([]);
      expect(scene.steps()).toContain('writeReport');
    });
  });
});

describe('a plan with removals', () => {
  test('silences, unpublishes, deletes and verifies in this order', async () => {
    await stage.play(planning({ keep: 2, delete: 1 }), async (scene) => {
      const report = await (await scene.start({ region: scene.region })).result();

      expect(report).toMatchObject({ outcome: 'converged', deleted: 1, generation: 7 });
      const order = ['openSilences', 'uploadPeers', 'publishTargets', 'deleteProbes', 'verifyProbes'];
      expect(scene.steps().filter((step) => order.includes(step))).toEqual(order);
      expect(scene.steps().slice(-2)).toEqual(['expireSilences', 'writeReport']);
    });
  });

  test('extends its silences before what needs them, once the pass has taken too long for them', async () => {
    const ends = [Date.now() - 1, Date.now() + 3_600_000];
    const openSilences = () =>
      Promise.resolve({ silenceIds: ['silence'], probes: 1, coverUntilMs: ends.shift() ?? Infinity });
    await stage.play({ ...planning({ create: 1, delete: 1 }), openSilences }, async (scene) => {
      await (await scene.start({ region: scene.region })).result();

      const order = ['openSilences', 'createProbes', 'publishTargets', 'deleteProbes'];
      expect(scene.steps().filter((step) => order.includes(step))).toEqual([
        ...['openSilences', 'createProbes', 'openSilences', 'publishTargets', 'deleteProbes'],
      ]);
    });
  });

  test('extends its silences right before the deletes when it was the publishing that took long', async () => {
    let ends = Infinity;
    const openSilences = () =>
      Promise.resolve({ silenceIds: ['silence'], probes: 1, coverUntilMs: (ends = Date.now() + 1_000) });
    const publishTargets = async () => {
      await eventually(() => Date.now() > ends, { describe: 'the silences to have become too short' });
      return { written: true, targets: 3 };
    };
    await stage.play({ ...planning({ delete: 1 }), openSilences, publishTargets }, async (scene) => {
      await (await scene.start({ region: scene.region })).result();

      const order = ['openSilences', 'publishTargets', 'deleteProbes'];
      expect(scene.steps().filter((step) => order.includes(step))).toEqual([
        ...['openSilences', 'publishTargets', 'openSilences', 'deleteProbes'],
      ]);
    });
  });

  test('silences a replaced probe only after its successor is proven, and publishes again before the delete', async () => {
    const deleteProbes = () => Promise.resolve({ deleted: 0, replaced: 1, failures: [] });
    await stage.play({ ...planning({ replace: 1 }), deleteProbes }, async (scene) => {
      const report = await (await scene.start({ region: scene.region })).result();

      expect(report).toMatchObject({ outcome: 'converged', replaced: 1, deleted: 0 });
      const order = [
        ...['createProbes', 'awaitProbes', 'uploadPeers', 'publishTargets', 'proveReplacements'],
        ...['openSilences', 'uploadPeers', 'publishTargets', 'deleteProbes', 'verifyProbes'],
      ];
      expect(scene.steps().filter((step) => order.includes(step))).toEqual(order);
      const proof = artifact('proof');
      const silenced = scene.calls.find(({ name }) => name === 'openSilences');
      expect(silenced?.input).toMatchObject({ proof });
      const built = scene.calls.filter(({ name }) => name === 'buildTargets');
      expect(built.map(({ input }) => input)).toMatchObject([{ proof: null }, { proof, changed: true }]);
    });
  });

  test('keeps a replaced probe whose successor does not answer, and removes the successor', async () => {
    const proveReplacements = () =>
      Promise.resolve({
        proof: artifact('none'),
        proven: 0,
        failures: [
          {
            hypervisor: 'h',
            probeId: '0000000a',
            step: 'answer' as const,
            kind: 'timeout' as const,
            message: 'no answer',
          },
        ],
      });
    await stage.play({ ...planning({ replace: 1 }), proveReplacements }, async (scene) => {
      const report = await (await scene.start({ region: scene.region })).result();

      expect(report).toMatchObject({ outcome: 'degraded', replaced: 0, failures: [{ step: 'answer' }] });
      expect(scene.steps()).not.toContain('deleteProbes');
      const removed = scene.calls.filter(({ name }) => name === 'removeHalfMade');
      expect(removed.map(({ input }) => input)).toMatchObject([{ proof: artifact('none') }]);
      expect(scene.steps().indexOf('openSilences')).toBeLessThan(scene.steps().indexOf('removeHalfMade'));
      expect(scene.steps().lastIndexOf('publishTargets')).toBeLessThan(
        scene.steps().indexOf('removeHalfMade'),
      );
    });
  });

  test('deletes nothing when the targets cannot be published, and takes back its silences', async () => {
    const publishTargets = () =>
      Promise.reject(ApplicationFailure.nonRetryable('a file is in the way', 'malformedDocument'));
    await stage.play({ ...planning({ delete: 1 }), publishTargets }, async (scene) => {
      const failure = await failureOf((await scene.start({ region: scene.region })).result());

      expect(failure.message).toBe('a file is in the way');
      expect(scene.steps()).not.toContain('deleteProbes');
      expect(scene.steps().slice(-2)).toEqual(['publishTargets', 'expireSilences']);
    });
  });
});

describe('a pass that is stopped in the middle', () => {
  const stuck = { ...planning({ delete: 1 }), publishTargets: waitForCancellation };

  test('takes back its silences when it is cancelled', async () => {
    await stage.play(stuck, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await reached(scene, 'publishTargets');
      await entry.cancel();

      expect(await failureOf(entry.result())).toBeInstanceOf(CancelledFailure);
      expect((await scene.pass().describe()).status.name).toBe('CANCELLED');
      expect(scene.steps()).not.toContain('deleteProbes');
      expect(scene.steps().at(-1)).toBe('expireSilences');
    });
  });

  test('is cancelled and still takes back its silences when its entry is terminated', async () => {
    await stage.play(stuck, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await reached(scene, 'publishTargets');
      await entry.terminate('a test');

      expect(await failureOf(scene.pass().result())).toBeInstanceOf(CancelledFailure);
      expect(scene.steps()).not.toContain('deleteProbes');
      expect(scene.steps().at(-1)).toBe('expireSilences');
    });
  });
});

describe('a plan with new probes', () => {
  test('goes on with the others when one hypervisor refuses, removes what is half-made and ends degraded', async () => {
    const failure = {
      ...({ hypervisor: 'hv2', probeId: '0000000b', step: 'create' } as const),
      ...({ kind: 'quotaExceeded', message: 'quota exceeded' } as const),
    };
    const createProbes = ({ from }: { readonly from: number }) =>
      Promise.resolve({ names: [], failures: from === 1 ? [failure] : [] });
    const awaitProbes = () => Promise.resolve({ standing: 2, created: 2, failures: [], failed: 0 });
    await stage.play({ ...planning({ create: 3 }), createProbes, awaitProbes }, async (scene) => {
      const report = await (await scene.start({ region: scene.region })).result();

      expect(report).toMatchObject({ outcome: 'degraded', created: 2, failures: [failure] });
      expect(scene.steps().filter((step) => step === 'createProbes')).toHaveLength(3);
      const awaited = scene.calls.find(({ name }) => name === 'awaitProbes');
      expect(awaited?.input).toMatchObject({ refused: ['0000000b'] });
      const order = ['removeHalfMade', 'publishTargets', 'verifyProbes'];
      expect(scene.steps().filter((step) => order.includes(step))).toEqual(order);
    });
  });

  test.each([1, 50, 51, 120])('makes %i of them in at most 50 slices, each one once', async (total) => {
    await stage.play(planning({ create: total }), async (scene) => {
      await (await scene.start({ region: scene.region })).result();

      const slices = scene.calls
        .filter(({ name }) => name === 'createProbes')
        .map(({ input }) => input as { readonly from: number; readonly to: number });
      expect(slices.length).toBeLessThanOrEqual(50);
      const made = slices.flatMap(({ from, to }) => Array.from({ length: to - from }, (_, i) => from + i));
      expect(made.toSorted((a, b) => a - b)).toEqual(Array.from({ length: total }, (_, i) => i));
    });
  });
});
