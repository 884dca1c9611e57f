import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createActivities } from '../../src/activities/index.ts';
import { names } from '../../src/workflows/contract.ts';
import { eventually } from '../support/await.ts';
import { readDocPage } from '../support/docPage.ts';
import { runInnervisor } from '../support/innervisor.ts';
import { openStage, type Scene, type Stage } from './support/stage.ts';

const MINIMAL = new URL('../fixtures/config/minimal.yaml', import.meta.url);
const QUEUES = { one: 'site-a', two: 'site-b' } as const;

let stage: Stage;
let folder: string;
let configPath: string;

beforeAll(async () => {
  stage = await openStage();
  folder = await mkdtemp(join(tmpdir(), 'innervisor-sites-'));
  configPath = join(folder, 'innervisor.yaml');
  const minimal = await readFile(MINIMAL, 'utf8');
  const text = minimal.replaceAll(/^ {2}(one|two):$/gm, (line, region: keyof typeof QUEUES) =>
    [line, `    taskQueue: ${QUEUES[region]}`].join('\n'),
  );
  await writeFile(configPath, text);
});
afterAll(async () => {
  await stage.stop();
  await rm(folder, { recursive: true });
});

async function innervisor(...args: readonly string[]) {
  return await runInnervisor(args, { configPath, env: { TEMPORAL_ADDRESS: stage.address } });
}

/** Two sites with a worker each. */
async function playSites(play: (a: Scene, b: Scene) => Promise<void>): Promise<void> {
  await stage.play(
    {},
    async (a) => {
      await stage.play({}, (b) => play(a, b), { taskQueue: QUEUES.two });
    },
    { taskQueue: QUEUES.one },
  );
}

/** The regions in which a worker has done anything, each once. */
function regionsOf({ calls }: Scene): readonly string[] {
  return [...new Set(calls.map(({ input }) => (input as { readonly region: string }).region))];
}

describe('of two sites, each with a worker of its own', () => {
  test.each([
    ['reconcile', 'verifyProbes', ['reconcile', '--all', '--yes']],
    ['plan', 'planChanges', ['plan', '--all']],
    ['verify', 'checkRegion', ['verify', '--all']],
    ['preflight', 'preflight', ['preflight', '--all']],
    ['freeze', 'placeOrder', ['freeze', '--all', '--reason', 'works']],
    ['maintenance list', 'placeOrder', ['maintenance', 'list', '--all']],
  ] as const)(
    'innervisor %s is done by the worker of the site, and by no other',
    async (_what, step, args) => {
      await playSites(async (a, b) => {
        const { code, stderr } = await innervisor(...args);

        expect(code, stderr).toBe(0);
        expect([regionsOf(a), regionsOf(b)]).toEqual([['one'], ['two']]);
        expect([a, b].map(({ steps }) => steps().includes(step))).toEqual([true, true]);
      });
    },
  );

  test('an order that waits for its end looks at the hypervisor there', async () => {
    await playSites(async (a, b) => {
      const { stderr } = await innervisor('maintenance', 'end', 'cmp003', '--region', 'two');

      expect(b.steps(), stderr).toContain('lookAtHypervisor');
      expect([regionsOf(a), regionsOf(b)]).toEqual([[], ['two']]);
    });
  });

  test('a region is destroyed there', async () => {
    await playSites(async (a, b) => {
      const { stderr } = await innervisor('destroy', 'two', '--dry-run');

      expect(b.steps(), stderr).toContain('planDestruction');
      expect([regionsOf(a), regionsOf(b)]).toEqual([[], ['two']]);
    });
  });

  test('the commands of docs/sites.md are done there', async () => {
    const lines = (await readDocPage('sites.md')).commands.flatMap((block) => block.split('\n'));
    await playSites(async (a, b) => {
      for (const line of lines)
        expect(await innervisor(...line.split(' ').slice(1)), line).toMatchObject({ code: 0 });

      expect(lines).toHaveLength(2);
      expect([regionsOf(a), regionsOf(b)]).toEqual([['one'], ['two']]);
      await innervisor('schedule', 'remove', '--all');
    });
  });

  test('scheduled passes run there, and the schedule is not changed once more', async () => {
    await playSites(async (a, b) => {
      expect((await innervisor('schedule', 'apply')).stdout).toBe('one: created\ntwo: created\n');
      expect((await innervisor('schedule', 'apply')).stdout).toBe('one: unchanged\ntwo: unchanged\n');

      await innervisor('schedule', 'trigger', '--all');

      await endsThere(a, 'one');
      await endsThere(b, 'two');
      expect([regionsOf(a), regionsOf(b)]).toEqual([['one'], ['two']]);
      await innervisor('schedule', 'remove', '--all');
    });
  });
});

test('started on the task queue of another site, a pass fails at once and names its own, where it goes well', async () => {
  await playSites(async (_a, b) => {
    const { region } = b;
    const elsewhere = new Map([[region, b.taskQueue]]);
    const steps = createActivities({ installation: 'prod', regions: new Map(), elsewhere, now: Date.now });
    await stage.play(steps, async ({ start }) => {
      const failed = await (await start({ region })).result().catch((error: unknown) => error);

      expect(failed).toMatchObject({
        cause: { cause: { cause: { type: 'invalidConfig', message: expect.stringContaining('"site-b"') } } },
      });
    });
    expect(await (await b.start({ region })).result()).toMatchObject({ outcome: 'converged' });
  });
});

async function endsThere({ client, steps }: Scene, region: string): Promise<void> {
  const pass = client.workflow.getHandle(names.passWorkflowId(region));
  await eventually(
    async () => steps().includes('verifyProbes') && (await pass.describe()).status.name === 'COMPLETED',
    { describe: `the pass over ${region} has ended`, timeoutMs: 30_000 },
  );
}
