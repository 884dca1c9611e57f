import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfig } from '../../../src/config/load.ts';
import { forTaskQueue, listElsewhere, listTaskQueues, taskQueueOf } from '../../../src/config/taskQueue.ts';

const minimal = readFileSync(new URL('../../fixtures/config/minimal.yaml', import.meta.url), 'utf8');

/** Region `one` has a task queue of its own. */
const ownQueue = parse(minimal.replace('  one:', '  one:\n    taskQueue: site-a'));

function parse(text: string) {
  return parseConfig(text, 'innervisor.yaml');
}

test('a region is on its own task queue, or on that of defaults, or on the global one', () => {
  const defaults = minimal.replace('regions:', 'defaults: { taskQueue: site-b }\nregions:');
  const both = parse(defaults.replace('  one:', '  one:\n    taskQueue: site-a'));
  const global = parse(`${minimal}temporal: { taskQueue: site-c }\n`);

  expect(['one', 'two'].map((region) => taskQueueOf(both, region))).toEqual(['site-a', 'site-b']);
  expect(['one', 'two'].map((region) => taskQueueOf(ownQueue, region))).toEqual(['site-a', 'innervisor']);
  expect(taskQueueOf(global, 'one')).toBe('site-c');
});

test('the task queues are listed with their regions, also the global one that has none', () => {
  const all = parse(minimal.replace('regions:', 'defaults: { taskQueue: site-b }\nregions:'));

  expect([...listTaskQueues(all)]).toEqual([
    ['innervisor', []],
    ['site-b', ['one', 'two']],
  ]);
});

test('a worker has the regions of its task queue alone, and knows where the others are', () => {
  const { regions, temporal, installation } = forTaskQueue(ownQueue, 'site-a');

  expect(Object.keys(regions)).toEqual(['one']);
  expect({ installation, ...temporal }).toMatchObject({ installation: 'prod', taskQueue: 'site-a' });
  expect([...listElsewhere(ownQueue, 'site-a')]).toEqual([['two', 'innervisor']]);
  expect(Object.keys(forTaskQueue(ownQueue, 'innervisor').regions)).toEqual(['two']);
});

test('where no region is on its task queue, those that have regions are named', () => {
  expect(() => forTaskQueue(ownQueue, 'site-z')).toThrow(
    'no region of innervisor.yaml is on task queue "site-z"; choose one by --task-queue: innervisor (two); site-a (one)',
  );
  expect(() => forTaskQueue(parse(minimal), 'site-z')).toThrow(/--task-queue: innervisor \(one, two\)$/);
});
