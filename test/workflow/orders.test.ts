import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Activities } from '../../src/activities/index.ts';
import type { PlacedOrder } from '../../src/domain/orders.ts';
import { names } from '../../src/workflows/contract.ts';
import type { PassProgress } from '../../src/workflows/frame.ts';
import { eventually } from '../support/await.ts';
import { openStage, type Scene, type Stage } from './support/stage.ts';
import { planning, stubActivities } from './support/stubs.ts';

const PLAN = '0123456789ab';
const FROZEN = {
  by: 'me@host',
  at: '2026-01-02T03:00:00.000Z',
  reason: 'network works',
  until: '2026-01-02T05:00:00.000Z',
};

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.stop();
});

/** A region that is frozen from the listing on that this says. */
function frozenSince(first: number): Pick<Activities, 'listInventory'> {
  const quiet = stubActivities({}).activities;
  let listings = 0;
  return {
    listInventory: async (input) => {
      listings += 1;
      if (listings < first) return await quiet.listInventory(input);
      if (input.stopIfFrozen === true) return { frozen: FROZEN };
      return { ...(await quiet.listInventory(input)), frozen: FROZEN };
    },
  };
}

/** Current details of the scene's pass, as the Web UI shows them. */
async function details({ client, region }: Scene): Promise<string> {
  const handle = client.workflow.getHandle(names.passWorkflowId(region));
  const metadata = await handle.query<{ readonly currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails ?? '';
}

describe('a pass over a frozen region', () => {
  test('ends at once, whatever there is to do, and says who froze it and how to lift that', async () => {
    await stage.play({ ...frozenSince(1), ...planning({ create: 9 }) }, async (scene) => {
      const { region } = scene;
      const result = await (await scene.start({ region })).result();

      const said = 'by me@host since 2026-01-02 03:00Z until 2026-01-02 05:00Z: network works';
      expect(result).toEqual({
        region,
        pass: expect.any(String),
        outcome: 'frozen',
        frozen: FROZEN,
        message: `${region} is frozen ${said}; nothing was changed. To lift it: innervisor unfreeze ${region}`,
      });
      expect(scene.steps()).toEqual(['listInventory']);
      expect((await scene.pass().describe()).status.name).toBe('COMPLETED');
      const attributes = (await scene.pass().describe()).typedSearchAttributes.getAll();
      expect(attributes.find(({ key }) => key.name === 'InnervisorOutcome')?.value).toBe('frozen');
      const shown = await details(scene);
      expect(shown).toContain(`### ${region}: frozen: nothing was changed`);
      expect(shown).toContain(`**Frozen** ${said}`);
      expect(shown).toContain(`{"region":"${region}","order":"unfreeze","by":"your name"}`);
    });
  });

  test('still plans in a dry run, and says that no pass would do it', async () => {
    await stage.play({ ...frozenSince(1), ...planning({ create: 2 }) }, async (scene) => {
      const result = await (await scene.start({ region: scene.region, dryRun: true })).result();

      expect(result).toMatchObject({ outcome: 'planned', frozen: FROZEN, plan: { create: 2 } });
      expect(await details(scene)).toContain('A pass would change nothing until that is lifted.');
    });
  });

  test('that waited for approval meanwhile changes nothing once it is approved', async () => {
    const { planChanges } = planning({ delete: 9 }, ['too many deletes']);
    const approval = { planHash: PLAN, timeoutMs: 60_000 };
    const held: Pick<Activities, 'planChanges'> = {
      planChanges: async (input) => ({ ...(await planChanges(input)), approval }),
    };
    await stage.play({ ...frozenSince(2), ...held }, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await eventually(
        async () => (await scene.pass().query<PassProgress>('report')).awaitsApproval === PLAN,
        { describe: 'the plan waits' },
      );
      await scene.pass().signal('approve', { plan: PLAN });

      expect(await entry.result()).toMatchObject({ outcome: 'frozen' });
      expect(scene.steps()).not.toContain('openSilences');
      expect(scene.steps()).not.toContain('deleteProbes');
    });
  });

  test('is verified as any other', async () => {
    await stage.play(frozenSince(1), async ({ client, taskQueue, region, steps }) => {
      await client.workflow.execute(names.verifyRegion, {
        ...{ taskQueue, workflowId: `verify-${randomUUID()}`, args: [{ region }] },
      });
      expect(steps()).toContain('checkRegion');
    });
  });
});

async function order({ client, taskQueue }: Scene, input: unknown): Promise<PlacedOrder> {
  return await client.workflow.execute<(input: unknown) => Promise<PlacedOrder>>(names.orderRegion, {
    ...{ taskQueue, workflowId: `order-${randomUUID()}`, args: [input] },
  });
}

describe('an order', () => {
  test('is written down as it was given, with who and when, and its newest run says what stands', async () => {
    await stage.play({}, async (scene) => {
      const { region } = scene;
      const input = { region, order: 'freeze', by: 'me', reason: ' two\nlines ', until: '4h' };

      const placed = await order(scene, input);

      const handle = scene.client.workflow.getHandle(names.ordersWorkflowId(region));
      expect(await handle.result()).toEqual(placed);
      const given = scene.calls[0]?.input as { readonly at: string };
      const until = new Date(Date.parse(given.at) + 4 * 3_600_000).toISOString();
      expect(given).toMatchObject({
        region,
        order: { kind: 'freeze', by: 'me', reason: 'two lines', until },
      });
      expect(Date.parse(given.at)).toBe((await handle.describe()).startTime.getTime());
    });
  });

  test('may leave out all that it needn’t say, and a question has no order', async () => {
    await stage.play({}, async (scene) => {
      const { region } = scene;
      await order(scene, { region, order: 'freeze', reason: 'works' });
      await order(scene, { region });
      await order(scene, { region, order: 'endMaintenance', hypervisor: 'cmp003.lab.example' });

      expect(scene.calls.map(({ input }) => input)).toMatchObject([
        { order: { kind: 'freeze', by: 'somebody', reason: 'works', until: null } },
        { order: null },
        { order: { kind: 'endMaintenance', hypervisor: 'cmp003.lab.example' } },
      ]);
    });
  });

  test.each([
    [{}, 'region must be the name of a region'],
    [{ order: 'thaw' }, 'order must be one of freeze, unfreeze, beginMaintenance, endMaintenance'],
    [{ order: 'freeze' }, 'reason must say something'],
    [{ order: 'freeze', reason: 'x', untill: '4h' }, 'freeze takes no "untill"'],
    [{ order: 'freeze', reason: 'x', hypervisor: 'cmp003' }, 'freeze takes no "hypervisor"'],
    [{ order: 'unfreeze', hypervisor: 'cmp003' }, 'unfreeze takes no "hypervisor"'],
    [{ order: 'unfreeze', until: '4h' }, 'unfreeze takes no "until"'],
    [{ order: 'endMaintenance', hypervisor: 'cmp003', until: '4h' }, 'endMaintenance takes no "until"'],
    [{ hypervisor: 'cmp003' }, 'an input without order takes no "hypervisor"'],
    [{ order: 'freeze', reason: 'x', until: 'tomorrow' }, 'until must be a duration such as 90m'],
    [{ order: 'beginMaintenance', until: '4h' }, 'hypervisor must be the name of a hypervisor'],
    [{ order: 'beginMaintenance', hypervisor: 'cmp003' }, 'until is missing'],
    [{ order: 'endMaintenance', hypervisor: 'a/b' }, 'hypervisor must be the name of a hypervisor'],
  ])('is refused as %j, with the right form', async (input, problem) => {
    await stage.play({}, async (scene) => {
      const region = problem.startsWith('region') ? {} : { region: scene.region };
      const failed = await order(scene, { ...region, ...input }).catch((error: unknown) => error);

      expect(failed).toBeInstanceOf(WorkflowFailedError);
      const { message } = (failed as WorkflowFailedError).cause ?? {};
      expect(message).toContain(problem);
      expect(message).toContain('it looks like {"region":"luxembourg","order":');
      expect(scene.steps()).toEqual([]);
    });
  });

  test('waits for its turn while another one is written', async () => {
    const gate = Promise.withResolvers<undefined>();
    const quiet = stubActivities({}).activities;
    let writing = 0;
    let most = 0;
    const placeOrder: Activities['placeOrder'] = async (input) => {
      writing += 1;
      most = Math.max(most, writing);
      await gate.promise;
      writing -= 1;
      return await quiet.placeOrder(input);
    };
    await stage.play({ placeOrder }, async (scene) => {
      const { region } = scene;
      const orders = ['a', 'b', 'c'].map((reason) => order(scene, { region, order: 'freeze', reason }));
      await eventually(() => writing > 0, { describe: 'one is written' });
      gate.resolve(undefined);

      await Promise.all(orders);

      expect(most).toBe(1);
      expect(scene.steps()).toEqual(['placeOrder', 'placeOrder', 'placeOrder']);
    });
  });
});
