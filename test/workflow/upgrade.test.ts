import { delimiter, dirname } from 'node:path';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command } from '../../lab/stack/command.ts';
import { ensureTools } from '../../lab/tools/index.ts';
import { hasWorker } from '../../src/cli/pass/start.ts';
import { names } from '../../src/workflows/contract.ts';
import { eventually } from '../support/await.ts';
import { readDocPage } from '../support/docPage.ts';
import { openStage, type Scene, type Stage } from './support/stage.ts';
import { planning } from './support/stubs.ts';

const PLAN = '0123456789ab';
const taskQueue = 'innervisor';

let stage: Stage;
let path: string;

beforeAll(async () => {
  const [{ temporal }, opened] = await Promise.all([ensureTools(['temporal']), openStage()]);
  stage = opened;
  path = [dirname(temporal), process.env['PATH']].join(delimiter);
});
afterAll(async () => {
  await stage.stop();
});

/** Runs a command of the page, once more while the server doesn't know of a worker yet. */
async function run(line: string): Promise<string> {
  const env = { ...process.env, PATH: path, TEMPORAL_ADDRESS: stage.address, NO_COLOR: '1' };
  return await eventually(
    async () => {
      const { code, stdout, stderr } = await command('sh', ['-c', line], { env });
      if (code !== 0) throw new Error(stderr);
      return stdout === '' ? ' ' : stdout;
    },
    { describe: line, timeoutMs: 30_000 },
  );
}

async function start({ client }: Scene, region: string): Promise<string> {
  const workflowId = `entry-${randomUUID()}`;
  await client.workflow.start(names.reconcileRegion, { taskQueue, workflowId, args: [{ region }] });
  return workflowId;
}

function heldPlan(): ReturnType<typeof planning> {
  const { planChanges } = planning({ delete: 9 }, ['too many deletes']);
  const approval = { planHash: PLAN, timeoutMs: 60_000 };
  return { planChanges: async (input) => ({ ...(await planChanges(input)), approval }) };
}

test('a pass ends on the release that began it, and new ones begin on the one that is named', async () => {
  const [name = '', list = '', count = '', unversioned = '', ...more] = (await readDocPage('upgrade.md'))
    .commands;
  expect(more).toEqual([]);

  await stage.play(
    heldPlan(),
    async (older) => {
      await run(name.replace('1.1.0', '1.0.0'));
      const waiting = await start(older, 'old');
      const pass = older.client.workflow.getHandle('region/old');
      await eventually(async () => (await pass.query<{ step: string }>('report')).step.includes('waits'), {
        describe: 'the plan waits',
      });

      await stage.play(
        {},
        async (newer) => {
          await run(name);
          const next = await start(newer, 'new');
          expect(await newer.client.workflow.getHandle(next).result()).toMatchObject({
            outcome: 'converged',
          });
          expect(newer.steps()).toContain('verifyProbes');
          await eventually(async () => (await run(list)).includes('region/new'), { describe: list });

          expect(await hasWorker(newer.client, taskQueue)).toBe(true);

          // The one that waited is still the older worker's.
          const before = newer.steps().length;
          await eventually(async () => /\b2\b/.test(await run(count)), { describe: count });
          await pass.signal('approve', PLAN);
          expect(await older.client.workflow.getHandle(waiting).result()).toMatchObject({
            outcome: 'converged',
          });
          expect(older.steps()).toContain('deleteProbes');
          expect(newer.steps()).toHaveLength(before);
          await eventually(async () => /\b0\b/.test(await run(count)), { describe: count });
          await run(unversioned);
        },
        { taskQueue, buildId: '1.1.0' },
      );
    },
    { taskQueue, buildId: '1.0.0' },
  );
});
