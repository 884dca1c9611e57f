import { readFile } from 'node:fs/promises';
import { delimiter, dirname } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { command, type CommandResult } from '../../lab/stack/command.ts';
import { findOnPath } from '../../lab/tools/command.ts';
import { ensureTools } from '../../lab/tools/index.ts';
import { applySchedule } from '../../src/cli/schedule/apply.ts';
import { names } from '../../src/workflows/contract.ts';
import { eventually } from '../support/await.ts';
import { readDocPage } from '../support/docPage.ts';
import { sendAsTctl } from '../support/tctl.ts';
import { openStage, type Scene, type Stage } from './support/stage.ts';
import { planning, stubActivities } from './support/stubs.ts';

const PAGE = new URL('../../docs/temporal.md', import.meta.url);
const PLAN = '0123456789ab';
const PASS = 'region/luxembourg';

/** The commands of the page by their heading, in their order; each is run once, as it stands there. */
const commands = await readCommands();
const played: string[] = [];

let stage: Stage;
let scene: Scene;
let path: string;
const over = Promise.withResolvers<undefined>();
let playing: Promise<unknown>;
/** What the region is like for the next passes. */
let world = peaceful();

beforeAll(async () => {
  const [{ temporal }, opened] = await Promise.all([ensureTools(['temporal']), openStage()]);
  stage = opened;
  path = [dirname(temporal), process.env['PATH']].join(delimiter);
  const found = Promise.withResolvers<Scene>();
  const quiet = stubActivities({}).activities;
  const steps = {
    listInventory: async (input: Parameters<typeof quiet.listInventory>[0]) => {
      await world.isFree;
      return await quiet.listInventory(input);
    },
    planChanges: async (input: Parameters<typeof quiet.planChanges>[0]) => ({
      ...(await planning(world.counts, world.held).planChanges(input)),
      ...(world.held.length === 0 ? {} : { approval: { planHash: PLAN, timeoutMs: 60_000 } }),
    }),
    placeOrder: async (input: Parameters<typeof quiet.placeOrder>[0]) => {
      world.order(input.order);
      return await quiet.placeOrder(input);
    },
    verifyProbes: async (input: Parameters<typeof quiet.verifyProbes>[0]) => ({
      ...(await quiet.verifyProbes(input)),
      failed: world.failedChecks,
    }),
  };
  const play = (given: Scene) => (found.resolve(given), over.promise);
  playing = stage.play(steps, play, { taskQueue: 'innervisor' });
  scene = await found.promise;
});
afterAll(async () => {
  over.resolve(undefined);
  await playing;
  await stage.stop();
});
beforeEach(() => {
  world = peaceful();
});

function peaceful() {
  return {
    isFree: Promise.resolve<undefined>(undefined),
    counts: { keep: 3 } as Parameters<typeof planning>[0],
    held: [] as readonly string[],
    failedChecks: 0,
    order: (_order: unknown): void => undefined,
  };
}

/** The next passes wait while they list until the returned function is called. */
function slow(): () => void {
  const gate = Promise.withResolvers<undefined>();
  world.isFree = gate.promise;
  return () => gate.resolve(undefined);
}

function hold(): void {
  world = { ...peaceful(), counts: { keep: 3, delete: 1 }, held: ['too many deletes'] };
}

async function readCommands(): Promise<ReadonlyMap<string, readonly string[]>> {
  const [, ...sections] = (await readFile(PAGE, 'utf8')).split('\n## ');
  return new Map(
    sections.map((section) => [
      section.split('\n', 1)[0] ?? '',
      [...section.matchAll(/```sh\n([^]*?)\n```/g)].map(([, text = '']) => text),
    ]),
  );
}

/** The commands under a heading. */
function under(heading: string): readonly string[] {
  played.push(heading);
  const found = commands.get(heading) ?? [];
  if (found.length === 0) throw new Error(`docs/temporal.md has no commands under ${heading}`);
  return found;
}

/** Runs a command of the page in a shell, with the real `temporal`. */
async function run(line = ''): Promise<CommandResult> {
  const env = { ...process.env, PATH: path, TEMPORAL_ADDRESS: stage.address, NO_COLOR: '1' };
  const result = await command('sh', ['-c', line], { env });
  expect(result, line).toMatchObject({ code: 0 });
  return result;
}

async function entry(id: string): Promise<unknown> {
  return await scene.client.workflow.getHandle(id).result();
}

/** Waits until a pass that runs is at a step. */
async function reaches(words: string): Promise<void> {
  const pass = scene.client.workflow.getHandle(PASS);
  await eventually(
    async () =>
      (await statusOf(PASS)) === 'RUNNING' &&
      (await pass.query<{ step: string }>('report')).step.includes(words),
    { describe: `the pass is at: ${words}` },
  );
}

async function start(workflowId: string): Promise<void> {
  await scene.client.workflow.start(names.reconcileRegion, {
    ...{ taskQueue: 'innervisor', workflowId, args: [{ region: 'luxembourg' }] },
  });
}

async function statusOf(workflowId: string): Promise<string> {
  return (await scene.client.workflow.getHandle(workflowId).describe()).status.name;
}

async function ends(workflowId: string, status: string): Promise<void> {
  await eventually(async () => (await statusOf(workflowId)) === status, {
    describe: `${workflowId} is ${status}`,
  });
}

describe('by the temporal command', () => {
  test('a pass is started, and a second start says in its result that one runs', async () => {
    const [begin, result, dryRun, ...more] = under('Start a pass');
    const goOn = slow();
    await run(begin);
    await reaches('listing');

    await run(begin?.replace('by-hand-1', 'second'));
    await run(begin);

    expect(await entry('second')).toMatchObject({ outcome: 'already running', workflowId: PASS });
    goOn();
    expect((await run(result)).stdout).toContain('converged');
    expect((await run(dryRun)).stdout).toContain('planned');
    expect(more).toEqual([]);
  });

  test('is seen where the pass is', async () => {
    const [query, describeIt, metadata, follow, ...more] = under('See where it is');
    const goOn = slow();
    await start('seen');
    await reaches('listing');

    expect((await run(query)).stdout).toContain('listing hypervisors and probes');
    expect((await run(describeIt)).stdout).toContain('innervisor_started_by');
    expect((await run(metadata)).stdout).toContain('### luxembourg: listing hypervisors and probes');
    goOn();
    expect((await run(follow)).stdout).toContain('WorkflowExecutionCompleted');
    expect(more).toEqual([]);
  });

  test('passes are found by what they did', async () => {
    const [running, ofRegion, degraded, changed, failed, awaiting, create, ...more] = under('Find passes');
    world = { ...peaceful(), counts: { create: 1 }, failedChecks: 1 };
    await start('degraded');
    expect(await entry('degraded')).toMatchObject({ outcome: 'degraded', created: 1 });
    hold();
    await start('found');
    await reaches('waits');

    for (const line of [running, ofRegion, degraded, changed, awaiting])
      await eventually(async () => (await run(line)).stdout.includes(PASS), { describe: line ?? '' });
    expect((await run(failed)).stdout).not.toContain('Error');
    await scene.client.workflow.getHandle(PASS).signal('reject', PLAN);
    await entry('found');
    await eventually(async () => !(await run(awaiting)).stdout.includes(PASS), { describe: 'none waits' });
    // What a worker has added is taken as it is.
    await run(create);
    expect(more).toEqual([]);
  });

  test('a plan that waits is approved by an update, and rejected by a signal', async () => {
    const [approve, reject, ...more] = under('Approve or reject a plan that waits');
    hold();
    await start('approved');
    await reaches('waits');
    expect((await run(approve)).stdout).toContain(`plan ${PLAN} is approved`);
    expect(await entry('approved')).toMatchObject({ outcome: 'converged', decision: { by: 'your name' } });

    await start('rejected');
    await reaches('waits');
    await run(reject);
    expect(await entry('rejected')).toMatchObject({ outcome: 'held', decision: { kind: 'rejected' } });
    expect(more).toEqual([]);
  });

  test('a pass is paused by an update, and resumed by a signal', async () => {
    const [pause, resume, ...more] = under('Let a pass stand still');
    const goOn = slow();
    await start('paused');
    await reaches('listing');
    expect((await run(pause)).stdout).toContain('stands still');
    goOn();
    await reaches('paused by your name');

    await run(resume);

    expect(await entry('paused')).toMatchObject({ outcome: 'converged' });
    expect(more).toEqual([]);
  });

  test('a region is frozen and a hypervisor taken into maintenance, and both are ended', async () => {
    const [freeze, unfreeze, begin, end, ask, ...more] = under(
      'Freeze a region, take a hypervisor into maintenance',
    );
    const given: unknown[] = [];
    world.order = (order) => void given.push(order);

    for (const line of [freeze, unfreeze, begin, end, ask])
      expect((await run(line)).stdout).toContain('inMaintenance');

    const said = { by: 'your name', reason: 'CHG-1234', until: expect.stringMatching(/Z$/) };
    expect(given).toEqual([
      { kind: 'freeze', ...said },
      { kind: 'unfreeze' },
      { kind: 'beginMaintenance', hypervisor: 'cmp003', ...said },
      { kind: 'endMaintenance', hypervisor: 'cmp003' },
      null,
    ]);
    expect(more).toEqual([]);
  });

  test('a pass is cancelled and terminated', async () => {
    const [cancel, terminateEntry, terminatePass, ...more] = under('Stop a pass');
    hold();
    for (const [id, line, status] of [
      ['by-hand-3', cancel, 'CANCELLED'],
      ['by-hand-2', terminateEntry, 'CANCELLED'],
      ['by-hand-4', terminatePass, 'TERMINATED'],
    ] as const) {
      await start(id);
      await reaches('waits');
      await run(line);
      await ends(PASS, status);
    }
    expect(more).toEqual([]);
  });

  test('a pass is reset, and looks anew', async () => {
    const [reset, ...more] = under('Reset a pass');
    await start('before');
    await entry('before');
    const { runId } = await scene.client.workflow.getHandle(PASS).describe();

    await run(reset);

    await ends(PASS, 'COMPLETED');
    const again = await scene.client.workflow.getHandle(PASS).describe();
    expect(again.runId).not.toBe(runId);
    expect(await entry(PASS)).toMatchObject({ outcome: 'converged' });
    expect(more).toEqual([]);
  });

  test('a schedule is created as we create it, and worked with', async () => {
    const [create, show, pause, resume, trigger, backfill, remove, ...more] = under('Schedule');
    const wanted = { installation: 'prod', region: 'luxembourg', taskQueue: 'innervisor', calendar: null };
    const times = { everyMs: 600_000, jitterMs: 60_000, pauseOnFailure: false };
    const handle = scene.client.schedule.getHandle(PASS);

    await run(create);
    expect(await applySchedule(scene.client, { ...wanted, ...times })).toMatchObject({ differences: [] });
    await run(pause);
    expect((await handle.describe()).state).toMatchObject({ paused: true, note: 'network works, CHG-1234' });
    expect((await run(show)).stdout).toContain('network works, CHG-1234');
    for (const [started, line] of [trigger, backfill].entries()) {
      await run(line);
      await eventually(
        async () => {
          const { recentActions, runningActions } = (await handle.describe()).info;
          return recentActions.length > started && runningActions.length === 0;
        },
        { describe: 'it has run a pass', timeoutMs: 30_000 },
      );
    }
    await run(resume);
    expect((await handle.describe()).state.paused).toBe(false);
    await run(remove);
    await expect(handle.describe()).rejects.toThrow('not found');
    expect(more).toEqual([]);
  });
});

test('by tctl’s requests the same is done, without updates', async () => {
  const lines = [...under('By tctl')];
  const next = async (): Promise<unknown> => await sendAsTctl(stage.address, lines.shift() ?? '');
  hold();
  await next();
  await reaches('waits');
  expect(await next()).toMatchObject({ planHash: PLAN });
  await next();
  expect(await next()).toMatchObject({ outcome: 'converged', decision: { kind: 'approved' } });
  expect(await next()).not.toEqual([]);
  expect(await next()).toMatchObject({ workflowExecutionInfo: { execution: { workflowId: PASS } } });

  const goOn = slow();
  world.held = ['too many deletes'];
  await next();
  await reaches('listing');
  await next();
  goOn();
  await reaches('waits');
  await next();
  await next();
  expect(await entry('by-tctl-2')).toMatchObject({ outcome: 'held', decision: { kind: 'rejected' } });
  await next();
  await reaches('waits');
  await next();
  await ends(PASS, 'CANCELLED');

  for (const id of ['freeze-2', 'unfreeze-2']) {
    await next();
    expect(await entry(id)).toMatchObject({ changed: true, inMaintenance: 0 });
  }

  const wanted = { installation: 'prod', region: 'luxembourg', taskQueue: 'innervisor', calendar: null };
  await applySchedule(scene.client, {
    ...wanted,
    ...{ everyMs: 600_000, jitterMs: 60_000, pauseOnFailure: false },
  });
  const handle = scene.client.schedule.getHandle(PASS);
  world = peaceful();
  expect(await next()).toHaveProperty('schedule.spec');
  await next();
  expect((await handle.describe()).state.paused).toBe(true);
  await next();
  expect((await handle.describe()).state.paused).toBe(false);
  await next();
  await eventually(async () => (await handle.describe()).info.recentActions.length > 0, {
    describe: 'it has started a pass',
  });
  await next();
  await expect(handle.describe()).rejects.toThrow('not found');
  expect(lines).toEqual([]);
});

test('the tctl command itself starts, asks and cancels, where there is one', async (context) => {
  if ((await findOnPath('tctl')) === undefined) context.skip('no tctl on PATH');
  const lines = under('By tctl');
  const env = { ...process.env, TEMPORAL_CLI_ADDRESS: stage.address };
  const tctl = async (words: string, from: string, to: string): Promise<void> => {
    const line = lines.find((text) => text.includes(words))?.replace(from, to) ?? '';
    expect(await command('sh', ['-c', line], { env }), line).toMatchObject({ code: 0 });
  };
  hold();
  await tctl('workflow start', 'by-tctl-1', 'by-real-tctl');
  await reaches('waits');
  await tctl('workflow query', '', '');
  await tctl('--name reject', '', '');
  expect(await entry('by-real-tctl')).toMatchObject({ outcome: 'held' });
});

test('no command of the page was left out', async () => {
  expect([...commands.values()].flat()).toEqual((await readDocPage('temporal.md')).commands);
  const headings = [...commands].filter(([, blocks]) => blocks.length > 0).map(([heading]) => heading);

  expect([...new Set(played)].toSorted()).toEqual(headings.toSorted());
});
