import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { startTemporal, type TemporalServer } from '../../../lab/servers/temporal.ts';
import type { ShownSchedule } from '../../../src/cli/schedule/show.ts';
import { runInnervisor } from '../../support/innervisor.ts';

const CONFIG = join(import.meta.dirname, '..', '..', 'fixtures', 'config', 'minimal.yaml');

let server: TemporalServer;

beforeAll(async () => {
  server = await startTemporal();
});
afterAll(async () => server.stop());

async function schedule(...args: readonly string[]) {
  const env = { TEMPORAL_ADDRESS: server.address };
  return await runInnervisor(['schedule', ...args], { configPath: CONFIG, env });
}

async function show() {
  return JSON.parse((await schedule('show', '--output', 'json')).stdout) as unknown;
}

async function terminate(workflowId: string): Promise<void> {
  const connection = await Connection.connect({ address: server.address });
  await new Client({ connection }).workflow.getHandle(workflowId).terminate();
  await connection.close();
}

test('without a schedule every region is shown without one, and nothing can be done to it', async () => {
  const shown = await schedule('show');
  const paused = await schedule('pause', 'one');

  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain('one: no schedule; innervisor schedule apply creates it');
  expect(paused).toMatchObject({ code: 1, stdout: '' });
  expect(paused.stderr).toContain('error: one has no schedule\nhint: innervisor schedule apply creates it');
});

test('schedules are applied for all regions, and applied again nothing changes', async () => {
  const first = await schedule('apply');
  const second = await schedule('apply', '--output', 'json');

  expect(first).toMatchObject({ code: 0, stdout: 'one: created\ntwo: created\n' });
  expect(JSON.parse(second.stdout)).toEqual([
    { region: 'one', applied: 'unchanged', differences: [] },
    { region: 'two', applied: 'unchanged', differences: [] },
  ]);
  expect((await schedule('show', 'one')).stdout).toMatch(
    /^one: every 10 m, up to 1 m later\n {2}note: created by \S+@\S+ at \S+Z\n {2}next: \S+ \S+Z \(in .*\)\n$/,
  );
});

test('a schedule is paused with a reason that stays, and resumed', async () => {
  const paused = await schedule('pause', 'one', '--reason', 'CHG-1 \u001B[31mred');
  const again = await schedule('apply', 'one');

  expect(paused.code).toBe(0);
  expect(paused.stdout).toMatch(/^one: paused \(CHG-1 \?\[31mred; paused by \S+@\S+ at \S+Z\)\n$/);
  expect(again.stdout).toBe('one: unchanged\n');
  expect(await show()).toMatchObject([{ region: 'one', paused: true, next: [] }, { paused: false }]);

  const resumed = await schedule('resume', '--all');

  expect(resumed.code).toBe(0);
  expect(await show()).toMatchObject([{ paused: false, note: expect.stringContaining('resumed by') }, {}]);
});

test('a schedule is triggered at once, and again only when that pass has ended', async () => {
  const triggered = await schedule('trigger', 'one');
  const again = await schedule('trigger', 'one');

  expect(triggered).toMatchObject({ code: 0, stderr: '' });
  expect(again).toMatchObject({ code: 1, stdout: '' });
  expect(again.stderr).toMatch(/^error: the last scheduled pass over one is still under way: scheduled\/one/);
  expect(again.stderr).toContain('hint: innervisor status one shows where it is');
  const shown = await show();
  expect(shown).toMatchObject([
    { recent: [{ workflowId: expect.stringMatching(/^scheduled\/one/) }] },
    { recent: [] },
  ]);

  await terminate((shown as ShownSchedule[])[0]?.recent[0]?.workflowId ?? '');

  expect(await schedule('trigger', 'one')).toMatchObject({ code: 0, stderr: '' });
  expect(await show()).toMatchObject([{ recent: { length: 2 }, skipped: 0 }, {}]);
});

test('the schedule of a region that was taken out is named, and removed only when asked to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'innervisor-cli-'));
  const configPath = join(folder, 'innervisor.yaml');
  const config = parse(await readFile(CONFIG, 'utf8')) as { regions: Record<string, unknown> };
  await writeFile(configPath, stringify({ ...config, regions: { two: config.regions['two'] } }));
  const place = { configPath, env: { TEMPORAL_ADDRESS: server.address } };

  const applied = await runInnervisor(['schedule', 'apply'], place);
  const pruned = await runInnervisor(['schedule', 'apply', '--prune'], place);
  await rm(folder, { recursive: true });

  expect(applied).toMatchObject({ code: 0, stdout: 'two: unchanged\n' });
  expect(applied.stderr).toContain("schedules of regions that innervisor.yaml doesn't have: one");
  expect(pruned).toMatchObject({ code: 0, stdout: 'two: unchanged\none: removed\n', stderr: '' });
  expect((await schedule('show', 'one')).stdout).toContain('one: no schedule');
});

test('schedules on task queues that a file of another site may have are left alone, which is said', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'innervisor-cli-'));
  const configPath = join(folder, 'innervisor.yaml');
  const config = parse(await readFile(CONFIG, 'utf8')) as { regions: Record<string, unknown> };
  const site = { temporal: { taskQueue: 'site-b' }, regions: { three: config.regions['two'] } };
  await writeFile(configPath, stringify({ ...config, ...site }));
  const place = { configPath, env: { TEMPORAL_ADDRESS: server.address } };

  const pruned = await runInnervisor(['schedule', 'apply', '--prune'], place);
  const removed = await runInnervisor(['schedule', 'remove', 'three'], place);
  await rm(folder, { recursive: true });

  expect(pruned).toMatchObject({ code: 0, stdout: expect.stringMatching(/^three: created/) });
  expect(pruned.stderr).toContain(
    'left alone, since no region of innervisor.yaml has their task queue: two\n',
  );
  expect(pruned.stderr).toContain('innervisor schedule remove REGION');
  expect(removed).toMatchObject({ code: 0 });
  expect((await schedule('show', 'two')).stdout).not.toContain('no schedule');
});

describe('the schedule of another installation', () => {
  /** The same regions, for an installation of its own in the same namespace. */
  async function asStaging(...args: readonly string[]) {
    const folder = await mkdtemp(join(tmpdir(), 'innervisor-cli-'));
    const configPath = join(folder, 'innervisor.yaml');
    const text = await readFile(CONFIG, 'utf8');
    await writeFile(configPath, text.replace('installation: prod', 'installation: staging'));
    const env = { TEMPORAL_ADDRESS: server.address };
    return await runInnervisor(['schedule', ...args], { configPath, env }).finally(() =>
      rm(folder, { recursive: true }),
    );
  }

  let before: unknown;
  beforeAll(async () => {
    await schedule('apply', 'two');
    before = await show();
  });

  test.each([['apply'], ['pause'], ['resume'], ['trigger'], ['remove']])(
    'is not for %s, and its owner is named',
    async (verb) => {
      const { code, stdout, stderr } = await asStaging(verb, 'two', '--output', 'json');

      expect({ code, stdout }).toMatchObject({ code: 1 });
      expect(stderr).toContain('schedule region/two is that of installation "prod", not of "staging"');
      expect(stderr).toContain('hint: take another name for the region, or another namespace');
    },
  );

  test('is shown as such, and is as it was', async () => {
    expect(await show()).toEqual(before);
    expect((await asStaging('show', 'two')).stdout).toContain('  of installation prod, not of staging\n');
  });
});

test('a schedule on another task queue than configured is shown, and applied it is on that', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'innervisor-cli-'));
  const configPath = join(folder, 'innervisor.yaml');
  const text = await readFile(CONFIG, 'utf8');
  await writeFile(configPath, text.replace('  two:', '  two:\n    taskQueue: site-b'));
  const place = { configPath, env: { TEMPORAL_ADDRESS: server.address } };
  await schedule('apply', 'two');

  const shown = await runInnervisor(['schedule', 'show', 'two'], place);
  const applied = await runInnervisor(['schedule', 'apply', 'two'], place);
  const again = await runInnervisor(['schedule', 'show', 'two'], place);
  await rm(folder, { recursive: true });

  expect(shown.stdout).toContain('  on task queue innervisor, not on site-b; innervisor schedule apply');
  expect(applied.stdout).toContain('two: changed\n  task queue: "innervisor" -> "site-b"');
  expect(again.stdout).not.toContain('task queue');
});

test('a schedule is removed, and one that is unknown is an error that stops no other', async () => {
  const { code, stdout, stderr } = await schedule('remove', 'two', 'three', '--output', 'json');

  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject([
    { region: 'two', done: 'removed' },
    { region: 'three', outcome: 'error', error: 'three has no schedule' },
  ]);
  expect(stderr).toContain('error: three: three has no schedule');
  expect((await schedule('show', 'two')).stdout).toContain('two: no schedule');
});

test('without Temporal it says what to set', async () => {
  const env = { TEMPORAL_ADDRESS: '127.0.0.1:1' };

  const { code, stderr } = await runInnervisor(['schedule', 'show'], { configPath: CONFIG, env });

  expect(code).toBe(1);
  expect(stderr).toBe(
    'error: no Temporal server answers at 127.0.0.1:1: ECONNREFUSED\nhint: set TEMPORAL_ADDRESS or a profile in temporal.toml\n',
  );
});
