import { readdirSync, readFileSync } from 'node:fs';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { expect, test } from 'vitest';
import { readSteps } from '../../../src/cli/pass/steps.ts';

const FOLDER = new URL('../../fixtures/histories/', import.meta.url);

/** The steps of a recorded pass. */
function stepsOf(name: string) {
  return readSteps(historyFromJSON(JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8'))).events ?? []);
}

test('the steps of a recorded pass stand in their order, with what they counted', () => {
  const steps = stepsOf('pass-first.json');

  expect(steps.map(({ activity }) => activity).slice(0, 6)).toEqual([
    'listInventory',
    'selectHypervisors',
    'planChanges',
    'prepareCreation',
    'createProbes',
    'awaitProbes',
  ]);
  const [created] = steps.filter(({ activity }) => activity === 'createProbes');
  expect(created?.calls).toBeGreaterThan(1);
  expect(created).toMatchObject({ state: 'done', ended: created?.calls });
  expect(steps.find(({ activity }) => activity === 'awaitProbes')?.counts['created']).toBe(created?.calls);
});

test('what a pass asks for the lists that show it is no step', () => {
  const text = readFileSync(new URL('pass-labelled-by-step.json', FOLDER), 'utf8');
  const activities = stepsOf('pass-labelled-by-step.json').map(({ activity }) => activity);

  expect(text).toContain('"describeInstallation"');
  expect(activities.at(0)).toBe('listInventory');
  expect(activities.at(-1)).toBe('writeReport');
});

test('what failed about single probes is kept with the step', () => {
  const failed = stepsOf('pass-spawn-failed.json').flatMap(({ probeFailures }) => probeFailures);

  expect(failed.length).toBeGreaterThan(0);
  for (const { hypervisor, message } of failed) expect(`${hypervisor}: ${message}`).toMatch(/^\S+: \S/);
});

test('a history that breaks off shows the step that was under way', () => {
  const { events = [] } = historyFromJSON(
    JSON.parse(readFileSync(new URL('pass-first.json', FOLDER), 'utf8')),
  );
  const end = (events ?? []).findIndex((event) => event.activityTaskCompletedEventAttributes != null);

  expect(readSteps((events ?? []).slice(0, end))).toMatchObject([
    { activity: 'listInventory', state: 'running', endedMs: null, calls: 1, ended: 0 },
  ]);
});

test('every recorded pass can be read, and all of its steps have ended', () => {
  for (const name of readdirSync(FOLDER).filter((file) => file.startsWith('pass-')))
    for (const step of stepsOf(name)) expect(step.state, `${name} ${step.activity}`).not.toBe('running');
});
