import { afterAll, beforeAll, expect, test } from 'vitest';
import type { OwnedProcess } from '../../lab/servers/process.ts';
import { eventually } from '../support/await.ts';
import type { Life } from '../scenario/life.ts';
import { SimCloud } from './simCloud.ts';
import { beginDrained, DRAINED } from './support/drainedRegion.ts';

let cloud: SimCloud;
let life: Life;

beforeAll(async () => {
  cloud = await SimCloud.open();
  life = await beginDrained(cloud);
});
afterAll(async () => life.end());

/** Starts a worker of a release beside those that run, and has new passes begin on it. */
async function release(buildId: string): Promise<OwnedProcess> {
  const worker = await life.stack.startWorker({ env: { INNERVISOR_BUILD_ID: buildId } });
  const name = ['--deployment-name', 'innervisor', '--build-id', buildId];
  await temporal('worker', 'deployment', 'set-current-version', '--yes', ...name);
  return worker;
}

/** Runs a command of Temporal's, once more while the server doesn't know of a worker yet. */
async function temporal(...args: readonly string[]): Promise<string> {
  return await eventually(
    async () => {
      const { code, stdout, stderr } = await life.stack.temporalCli(...args);
      if (code !== 0) throw new Error(stderr);
      return stdout || ' ';
    },
    life.patience(`temporal ${args.join(' ')}`),
  );
}

/** Which release the last pass began on. */
async function releaseOfPass(): Promise<string> {
  const shown = await temporal('workflow', 'describe', '--workflow-id', 'region/lab', '--output', 'json');
  return /"innervisor[:.]([0-9.]+)"/.exec(shown)?.[1] ?? shown;
}

test('workers of two releases run side by side: a pass that waits goes on with the older one, the next begins on the newer', async () => {
  const older = await release('1.0.0');
  await life.stack.worker.stop();
  const waiting = life.stack.innervisor('reconcile', 'lab', '--output', 'json');
  const plan = await eventually(async () => {
    const { stderr } = await life.stack.innervisor('approve', 'lab');
    return /--plan ([0-9a-f]{12})/.exec(stderr)?.[1];
  }, life.patience('the pass to wait for approval'));

  await release('1.1.0');
  const approved = await life.stack.innervisor('approve', 'lab', '--plan', plan);
  const { code, stdout } = await waiting;
  const first = await releaseOfPass();
  await older.stop();
  const next = await life.stack.pass();

  expect([approved.code, code], stdout).toEqual([0, 0]);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'converged', deleted: DRAINED });
  expect(first).toBe('1.0.0');
  expect(next).toMatchObject({ outcome: 'converged', deleted: 0 });
  expect(await releaseOfPass()).toBe('1.1.0');
});
