import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Labels } from '../../src/workflows/labels.ts';
import { eventually } from '../support/await.ts';
import { readDocPage } from '../support/docPage.ts';
import { openStage, type Scene, type Stage } from './support/stage.ts';
import { planCounts, planning, waitForCancellation } from './support/stubs.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await stage.stop();
});

const PLAN = '0123456789ab';
const FAILURE = {
  ...({ hypervisor: 'hv2', probeId: '0000000b', step: 'create' } as const),
  ...({ kind: 'quotaExceeded', message: 'quota exceeded' } as const),
};

/** A pass that removed a probe, and failed to make one. */
const DEGRADED = {
  ...planning({ create: 3, delete: 1 }),
  createProbes: ({ from }: { readonly from: number }) =>
    Promise.resolve({ names: [], failures: from === 1 ? [FAILURE] : [] }),
  awaitProbes: () => Promise.resolve({ standing: 2, created: 2, failures: [], failed: 0 }),
};

/** A plan that waits for a person. */
function heldPlan(): ReturnType<typeof planning> {
  const { planChanges } = planning({ delete: 9 }, ['too many deletes']);
  const approval = { planHash: PLAN, timeoutMs: 60_000 };
  return { planChanges: async (input) => ({ ...(await planChanges(input)), approval }) };
}

/** Search attributes of ours that the pass of a scene has now. */
async function labelsOf(scene: Scene): Promise<Readonly<Record<string, unknown>>> {
  const { typedSearchAttributes } = await scene.pass().describe();
  const pairs = typedSearchAttributes.getAll().map(({ key: { name }, value }) => [name, value] as const);
  return Object.fromEntries(pairs.filter(([name]) => name.startsWith('Innervisor')));
}

/** Passes of a scene's region that a filter finds, once it finds so many. */
async function listed(scene: Scene, filter: string, count = 1): Promise<readonly string[]> {
  const query = `InnervisorRegion = "${scene.region}" AND ${filter}`;
  return await eventually(
    async () => {
      const found: string[] = [];
      for await (const { workflowId } of scene.client.workflow.list({ query })) found.push(workflowId);
      return found.length === count ? found : undefined;
    },
    { describe: `${count} workflows found by ${query}` },
  );
}

describe('a pass', () => {
  test('is found by its region, its outcome and what it did', async () => {
    await stage.play(DEGRADED, async (scene) => {
      await (await scene.start({ region: scene.region })).result();

      expect(await labelsOf(scene)).toEqual({
        InnervisorInstallation: 'test',
        InnervisorRegion: scene.region,
        InnervisorOutcome: 'degraded',
        InnervisorCreated: 2,
        InnervisorReplaced: 0,
        InnervisorDeleted: 1,
        InnervisorFailed: 1,
      });
      const filter = 'InnervisorOutcome = "degraded" AND InnervisorCreated > 1 AND InnervisorFailed > 0';
      expect(await listed(scene, filter)).toEqual([`region/${scene.region}`]);
    });
  });

  test('is found while its plan waits for approval, and no longer once somebody has decided', async () => {
    await stage.play(heldPlan(), async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await listed(scene, 'InnervisorOutcome = "awaiting approval"');

      await scene.pass().signal('reject', { plan: PLAN });
      await entry.result();

      expect(await labelsOf(scene)).toMatchObject({ InnervisorOutcome: 'held', InnervisorDeleted: 0 });
      await listed(scene, 'InnervisorOutcome = "awaiting approval"', 0);
    });
  });

  test.each([
    ['cancelled', 'CANCELLED'],
    ['failed', 'FAILED'],
  ])('that was %s while its plan was carried out says so', async (outcome, status) => {
    const fail = () => Promise.reject(new Error('no answer'));
    const verifyProbes = outcome === 'failed' ? fail : waitForCancellation;
    await stage.play({ verifyProbes }, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await eventually(() => scene.steps().includes('verifyProbes'), { describe: 'it is verifying' });
      if (outcome === 'cancelled') await entry.cancel();

      await expect(entry.result()).rejects.toThrow();
      expect((await scene.pass().describe()).status.name).toBe(status);
      expect(await labelsOf(scene)).toMatchObject({ InnervisorOutcome: outcome });
    });
  });

  test('says in its memo whose it is, and who started it', async () => {
    await stage.play({}, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await entry.result();

      const { memo, staticSummary, staticDetails } = await describeFully(scene);
      expect(memo).toEqual({
        innervisor_installation: 'test',
        innervisor_region: scene.region,
        innervisor_started_by: entry.workflowId,
      });
      expect(staticSummary).toBe(`one pass over ${scene.region}, started by ${entry.workflowId}`);
      expect(staticDetails).toContain(`as workflow \`${entry.workflowId}\``);
    });
  });
});

describe('the page on the Web UI', () => {
  const OUTCOMES = {
    ...{ converged: true, degraded: true, held: true, planned: true, frozen: true },
    ...{ destroyed: true, incomplete: true, failed: true, cancelled: true },
    ...{ 'awaiting approval': true, paused: true },
  } as const satisfies Record<NonNullable<Labels['outcome']>, true>;

  async function readFilters(): Promise<readonly string[]> {
    const { code } = await readDocPage('web-ui.md');
    return code.filter((text) => /^Innervisor\w+ /.test(text));
  }

  test('shows filters that the server takes, and that find what they are for', async () => {
    const [
      awaiting = '',
      paused = '',
      wrong = '',
      ofRegion = '',
      removed = '',
      ofInstallation = '',
      ...more
    ] = await readFilters();
    expect(more).toEqual([]);

    await stage.play(heldPlan(), async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await listed(scene, awaiting);
      await scene.pass().executeUpdate('pause');
      await scene.pass().signal('approve', { plan: PLAN });
      await listed(scene, paused);
      await scene.pass().executeUpdate('resume');
      await entry.result();
    });
    await stage.play(DEGRADED, async (scene) => {
      await (await scene.start({ region: scene.region })).result();
      const here = [ofRegion.replace('luxembourg', scene.region), ofInstallation.replace('prod', 'test')];
      for (const filter of [wrong, removed, ...here])
        expect(await listed(scene, filter)).toEqual([`region/${scene.region}`]);
    });
  });

  test.each(['waits', 'is paused'])('no longer finds a pass that %s once it was terminated', async (what) => {
    const [awaiting = '', paused = ''] = await readFilters();

    await stage.play(heldPlan(), async (scene) => {
      await scene.start({ region: scene.region });
      await listed(scene, awaiting);
      if (what === 'is paused') {
        await scene.pass().executeUpdate('pause');
        await scene.pass().signal('approve', { plan: PLAN });
        await listed(scene, paused);
      }
      await scene.pass().terminate();

      for (const filter of [awaiting, paused]) await listed(scene, filter, 0);
    });
  });

  test('explains every outcome that a list may show', async () => {
    const page = await readFile(new URL('../../docs/web-ui.md', import.meta.url), 'utf8');
    const explained = [...page.matchAll(/^\| `([a-z ]+)` +\|/gm)].map(([, outcome = '']) => outcome);

    expect(explained.toSorted()).toEqual(Object.keys(OUTCOMES).toSorted());
  });
});

async function describeFully(scene: Scene) {
  const described = await scene.pass().describe();
  return {
    memo: described.memo,
    staticSummary: await described.staticSummary(),
    staticDetails: await described.staticDetails(),
  };
}

describe('labelling that takes long', () => {
  test('keeps nobody from deciding about a plan, and no cancellation undoes what is done', async () => {
    const gates = [gate(), gate(), gate(), gate()];
    const asked: number[] = [];
    const describeInstallation = async () => {
      const place = asked.push(0) - 1;
      await gates[place]?.opened;
      return { installation: 'test', searchAttributes: [] };
    };
    await stage.play({ ...heldPlan(), describeInstallation }, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      gates[0]?.open();
      await eventually(() => asked.length === 2, { describe: 'the plan is shown' });

      expect(await scene.pass().executeUpdate('reject', { args: [{ plan: PLAN }] })).toContain('rejected');
      gates[1]?.open();
      gates[2]?.open();
      await eventually(() => asked.length === 4, { describe: 'the pass labels its end' });
      await entry.cancel();
      gates[3]?.open();
      expect(await scene.pass().result()).toMatchObject({ outcome: 'held' });
    });
  });
});

/** A promise that the test resolves. */
function gate(): { readonly opened: Promise<undefined>; readonly open: () => void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return { opened: promise, open: () => resolve(undefined) };
}

describe('on a server that does not know the search attributes', () => {
  test.each<readonly [string, () => Promise<{ installation: string; searchAttributes: string[] }>]>([
    ['none of them', () => Promise.resolve({ installation: 'test', searchAttributes: [] })],
    [
      'not all of them',
      () => Promise.resolve({ installation: 'test', searchAttributes: ['InnervisorRegion'] }),
    ],
    ['nobody knows which', () => Promise.reject(new Error('permission denied'))],
  ])('a pass goes on: %s', async (what, describeInstallation) => {
    await stage.play({ describeInstallation }, async (scene) => {
      const report = await (await scene.start({ region: scene.region })).result();

      expect(report).toMatchObject({ outcome: 'converged' });
      expect(await labelsOf(scene)).toEqual(
        what === 'not all of them' ? { InnervisorRegion: scene.region } : {},
      );
    });
  });
});

describe('the Web UI', () => {
  /** Summaries of the events of one kind, in their order. */
  async function summaries(scene: Scene, kind: 'activity' | 'timer'): Promise<readonly string[]> {
    const { events } = await scene.pass().fetchHistory();
    return (events ?? [])
      .filter((event) =>
        kind === 'timer' ? event.timerStartedEventAttributes : event.activityTaskScheduledEventAttributes,
      )
      .map(({ userMetadata }) => JSON.parse(String(userMetadata?.summary?.data)) as string);
  }

  async function currentDetails(scene: Scene, handle = scene.pass()): Promise<string> {
    const metadata = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
    return metadata.currentDetails;
  }

  test('shows on each step what it does, with numbers and names where they are known', async () => {
    const { planChanges } = planning({ create: 3, delete: 2 });
    const changes = ['cmp001', 'cmp002\u001b', 'cmp003'].map((hypervisor) => ({
      hypervisor,
      ...{ action: 'create', reason: 'has no probe' },
    }));
    const named = {
      planChanges: async (...args: Parameters<typeof planChanges>) => ({
        ...(await planChanges(...args)),
        changes,
      }),
    };
    await stage.play(named, async (scene) => {
      await (await scene.start({ region: scene.region })).result();

      const said = await summaries(scene, 'activity');
      expect(said).toEqual(
        expect.arrayContaining([
          `list hypervisors and probes of ${scene.region}`,
          'create probe 1 of 3: cmp001',
          'create probe 2 of 3: cmp002?',
          'create probe 3 of 3: cmp003',
          'wait until 3 probes stand',
          'delete 2 probes that nothing watches any more',
          'keep the report: converged',
        ]),
      );
    });
  });

  test('shows on slices of many probes which ones they are', async () => {
    await stage.play(planning({ create: 120 }), async (scene) => {
      await (await scene.start({ region: scene.region })).result();

      expect(await summaries(scene, 'activity')).toContain('create probes 4-6 of 120');
    });
  });

  test('shows what a plan wants and why, that it waits, on which timer, and how to approve it', async () => {
    const changes = [{ hypervisor: 'cmp|001', action: 'delete', reason: 'disabled and <b>drained' }];
    const { planChanges } = heldPlan();
    const held = {
      planChanges: async (...args: Parameters<typeof planChanges>) => ({
        ...(await planChanges(...args)),
        changes,
      }),
    };
    await stage.play(held, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await eventually(async () => (await summaries(scene, 'timer')).length > 0, { describe: 'it waits' });

      expect(await summaries(scene, 'timer')).toEqual([
        `plan ${PLAN} waits for approval: see User Metadata; it is given up when this fires`,
      ]);
      const details = await currentDetails(scene);
      expect(details).toContain(`innervisor approve ${scene.region} --plan ${PLAN}\n`);
      const input = `  --input '{"plan":"${PLAN}","by":"your name"}'`;
      expect(details).toContain(
        `temporal workflow update execute --name approve \\\n  --workflow-id region/${scene.region} \\\n${input}\n`,
      );
      expect(details).toContain(
        `tctl workflow signal --name approve \\\n  --workflow_id region/${scene.region} \\\n${input}\n`,
      );
      expect(details).toContain(`_Send an Update_ → \`approve\` or \`reject\``);
      expect(details).toContain('**Plan**: delete 9\n');
      expect(details).toContain('- **held:** too many deletes');
      expect(details).toContain('| hypervisor | action | why |\n| --- | --- | --- |\n');
      expect(details).toContain('| `cmp 001` | `delete` | disabled and  b drained |');
      expect(details).toContain('These are the first 1 of 9 changes.');

      await scene.pass().signal('reject', { plan: PLAN, by: 'alice' });
      await entry.result();
      const after = await currentDetails(scene);
      expect(after).toContain('rejected by alice: nothing was changed');
      expect(after).not.toContain('waits for your word');
    });
  });

  test('shows of an entry where its pass is, and how it ended', async () => {
    await stage.play(heldPlan(), async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await listed(scene, 'InnervisorOutcome = "awaiting approval"');
      const pass = `The pass is workflow \`region/${scene.region}\`, under _Relationships_`;

      expect(await currentDetails(scene, entry)).toBe(`${pass}: its details tell where it is.`);
      await scene.pass().signal('reject', { plan: PLAN });
      await entry.result();
      expect(await currentDetails(scene, entry)).toBe(`${pass}. It ended **held**.`);
    });
  });

  test('cuts what would be too long for a URL, and says so', async () => {
    const changes = Array.from({ length: 50 }, (_, place) => ({
      hypervisor: `cmp${place}`,
      ...{ action: 'delete', reason: 'überlang '.repeat(20) },
    }));
    const { planChanges } = heldPlan();
    const held = {
      planChanges: async (...args: Parameters<typeof planChanges>) => ({
        ...(await planChanges(...args)),
        changes,
      }),
    };
    await stage.play(held, async (scene) => {
      const entry = await scene.start({ region: scene.region });
      await eventually(async () => (await currentDetails(scene)).includes('waits for your word'), {
        describe: 'it waits',
      });

      const details = await currentDetails(scene);
      expect(encodeURIComponent(details).length).toBeLessThan(8_000);
      expect(details).toMatch(/These are the first \d+ of 50 changes/);
      expect(details).toContain(`innervisor approve ${scene.region} --plan ${PLAN}\n`);
      await scene.pass().signal('reject', { plan: PLAN, by: 'alice' });
      await entry.result();
    });
  });

  test('shows what was done and what failed', async () => {
    const steps = {
      ...planning({ create: 2 }),
      createProbes: ({ from }: { readonly from: number }) =>
        Promise.resolve({ names: [], failures: from === 1 ? [FAILURE] : [] }),
    };
    await stage.play(steps, async (scene) => {
      await (await scene.start({ region: scene.region })).result();

      const details = await currentDetails(scene);
      expect(details).toContain(`### ${scene.region}: degraded`);
      expect(details).toContain('**Done**: created 1');
      expect(details).toContain('- **create failed** on `hv2`: quota exceeded');
    });
  });

  test('shows why a pass failed, and at what', async () => {
    const verifyProbes = () => Promise.reject(new Error('no `answer`'));
    await stage.play({ ...planning(planCounts({ keep: 3 })), verifyProbes }, async (scene) => {
      await expect((await scene.start({ region: scene.region })).result()).rejects.toThrow();

      expect(await currentDetails(scene)).toContain(
        `### ${scene.region}: failed while verifying every probe: no  answer `,
      );
      expect(await scene.pass().query('report')).toMatchObject({ step: 'verifying every probe' });
    });
  });
});
