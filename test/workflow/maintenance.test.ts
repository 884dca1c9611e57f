import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import { placeOrder } from '../../src/cli/orders/place.ts';
import { settle, type Settled } from '../../src/cli/orders/settle.ts';
import { openRun } from '../../src/cli/reconcile.ts';
import { eventually } from '../support/await.ts';
import { openStage, type Scene, type Stage } from './support/stage.ts';
import { stubActivities } from './support/stubs.ts';

const HYPERVISOR = 'cmp003.lab.example';
const FROZEN = { by: 'me', at: '2026-01-02T03:00:00Z', reason: 'works', until: null };

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.stop();
});

/** Waits as the command does until the hypervisor's probe is back. */
async function awaitProbe({ client, taskQueue, region }: Scene, knownFromMs: number): Promise<Settled> {
  const run = openRun(client, { queueOf: () => taskQueue, dryRun: false, approves: false });
  const wanted = { region, hypervisor: HYPERVISOR, gone: false, knownFromMs, taskQueue };
  return await settle(client, run, wanted).finally(() => run.close());
}

/** A listing that lasts until the test lets the first one end. */
function slowListing(): Pick<Activities, 'listInventory'> & { readonly goOn: () => void } {
  const gate = Promise.withResolvers<undefined>();
  const quiet = stubActivities({}).activities;
  return {
    goOn: () => gate.resolve(undefined),
    listInventory: async (input) => {
      await gate.promise;
      return await quiet.listInventory(input);
    },
  };
}

/** Starts a pass as somebody else would, and waits until it is under way. */
async function startOther(scene: Scene): Promise<number> {
  await scene.start({ region: scene.region });
  await eventually(() => scene.steps().includes('listInventory'), { describe: 'the pass lists' });
  return (await scene.pass().describe()).startTime.getTime();
}

/** Passes of the region's that have begun to list. */
function passes({ steps }: Scene): number {
  return steps().filter((step) => step === 'listInventory').length;
}

describe('whoever waits for the end of an order', () => {
  test('has a pass run, and looks at the hypervisor when it has ended', async () => {
    await stage.play({}, async (scene) => {
      expect(await awaitProbe(scene, Date.now())).toEqual({
        region: scene.region,
        hypervisor: HYPERVISOR,
        outcome: 'probe back',
        why: ['probe-cmp003-0000000a answers'],
      });
      expect(scene.steps().at(-1)).toBe('lookAtHypervisor');
      expect(scene.calls.at(-1)?.input).toMatchObject({ region: scene.region, hypervisor: HYPERVISOR });
    });
  });

  test('waits for a pass that began before the order, and has another one run', async () => {
    const { goOn, ...slow } = slowListing();
    await stage.play(slow, async (scene) => {
      const startedMs = await startOther(scene);
      const settled = awaitProbe(scene, startedMs + 1);
      goOn();

      expect(await settled).toMatchObject({ outcome: 'probe back' });
      expect(passes(scene)).toBe(2);
    });
  });

  test('joins a pass that has begun since', async () => {
    const { goOn, ...slow } = slowListing();
    await stage.play(slow, async (scene) => {
      const startedMs = await startOther(scene);
      const settled = awaitProbe(scene, startedMs - 1);
      const query = `WorkflowType = 'reconcileRegion' AND ExecutionStatus = 'Completed'`;
      await eventually(
        async () => {
          for await (const { memo } of scene.client.workflow.list({ query }))
            if (memo?.['innervisor_region'] === scene.region) return true;
          return false;
        },
        { describe: 'its own entry has found that one runs' },
      );
      goOn();

      expect(await settled).toMatchObject({ outcome: 'probe back' });
      expect(passes(scene)).toBe(1);
    });
  });

  test('is told that the region is frozen, and the cloud isn’t asked', async () => {
    await stage.play({ listInventory: () => Promise.resolve({ frozen: FROZEN }) }, async (scene) => {
      const settled = await awaitProbe(scene, Date.now());

      expect(settled.outcome).toBe('frozen');
      expect(settled.why[0]).toContain(`innervisor unfreeze ${scene.region}`);
      expect(scene.steps()).toEqual(['listInventory']);
    });
  });
});

test('an order is known from a moment after it was written, and a refused one says why', async () => {
  await stage.play({}, async ({ client, taskQueue, region }) => {
    const beforeMs = Date.now();
    const placed = await placeOrder(client, { region, order: 'freeze', reason: 'works' }, taskQueue);

    expect(placed).toMatchObject({ changed: true, inMaintenance: 0 });
    expect(placed.knownFromMs).toBeGreaterThanOrEqual(beforeMs);
    await expect(placeOrder(client, { region, order: 'freeze' }, taskQueue)).rejects.toThrow(
      `${region}: input refused: reason must say something`,
    );
  });
});
