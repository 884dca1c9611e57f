import { expect, test } from 'vitest';
import { readDocPage } from '../support/docPage.ts';
import { runInnervisor } from '../support/innervisor.ts';
import { makePlace } from './support.ts';

test('by the line of the README, two passes over the simulated region do what they should and leave nothing behind', async () => {
  await using place = await makePlace();
  const line = (await readDocPage('../README.md')).notRun.find((text) => text.includes('--once'));
  const demo = place.startBy(line ?? 'false');

  const code = await demo.ended;

  expect(code, demo.stderr()).toBe(0);
  const { region, passes } = JSON.parse(demo.stdout()) as {
    region: string;
    passes: Record<string, unknown>[];
  };
  expect(region).toBe('luxembourg');
  const counts = {
    outcome: 'converged',
    hypervisors: 12,
    selected: 9,
    deferred: 1,
    replaced: 0,
    deleted: 0,
    failed: 0,
  };
  expect(passes).toMatchObject([
    { ...counts, created: 9, kept: 0, verified: 9 },
    { ...counts, created: 0, kept: 9, verified: 9 },
  ]);
  expect(Object.keys(passes[0] ?? {}).toSorted()).toEqual(
    [
      ...Object.keys(counts),
      'created',
      'kept',
      'verified',
      'apiCalls',
      'historyEvents',
      'workerRssMb',
      'steps',
    ].toSorted(),
  );
  const [first] = (passes[0]?.['steps'] ?? []) as readonly { readonly name: string }[];
  expect(first?.name).toBe('listInventory');
  expect(passes[1]?.['apiCalls']).toBeLessThanOrEqual(15);
  expect(passes[1]?.['historyEvents']).toBeLessThan(200);
  expect(await place.left()).toEqual([]);
  expect(await place.processes()).toEqual([]);
});

test('wrong usage is told in one line, before anything starts', async () => {
  await using place = await makePlace();
  const demo = place.start(['--output', 'json']);

  expect(await demo.ended).toBe(2);
  expect(demo.stderr()).toBe('demo: --output json goes with --once; see npm run demo -- --help\n');
});

test('the command of a checkout starts the same demo with its options', async () => {
  const { code, stderr } = await runInnervisor(['demo', '--output', 'json'], { configPath: '/', env: {} });

  expect(code).toBe(2);
  expect(stderr).toBe('demo: --output json goes with --once; see npm run demo -- --help\n');
});

test('without a place for temporary files it says so in one line', async () => {
  await using place = await makePlace();
  const demo = place.start(['--once'], { TMPDIR: `${place.folder}/absent` });

  expect(await demo.ended).toBe(1);
  expect(demo.stderr()).toMatch(/^demo: .*absent.* set TMPDIR to one that you may write to\n$/);
});
