import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CommandResult } from '../../lab/stack/command.ts';
import { readDocPage } from '../support/docPage.ts';
import { modeOf, openDayOne, type DayOne } from './support/dayOne.ts';

const INSTALL_TIMEOUT_MS = 600_000;
const PLAY_TIMEOUT_MS = 600_000;
const HYPERVISORS = 6;

const [start, uninstall, readme] = await Promise.all([
  readDocPage('getting-started.md'),
  readDocPage('uninstall.md'),
  readDocPage('../README.md'),
]);
const lines = [...start.commands, ...uninstall.commands];

let day: DayOne;

beforeAll(async () => {
  day = await openDayOne(HYPERVISORS);
}, INSTALL_TIMEOUT_MS);
afterAll(async () => {
  await day[Symbol.asyncDispose]();
});

/** Runs the next command of the pages, which must begin so. */
async function next(begin: string, code = 0): Promise<CommandResult> {
  return await day.run(take(begin), code);
}

function take(begin: string): string {
  const line = lines.shift() ?? '';
  expect(line.startsWith(begin), `${line} begins with ${begin}`).toBe(true);
  return line;
}

test(
  'the pages lead from nothing to a region that is looked after, and back, by their commands alone',
  async () => {
    await next('openssl genpkey');
    await next('chmod 600');
    expect(await modeOf(join(day.folder, 'peers.key'))).toBe(0o600);
    await next('innervisor config check');
    await day.start(take('innervisor worker'));

    expect((await next('innervisor preflight')).stdout).toContain('luxembourg: ready\n');
    expect((await next('innervisor plan', 2)).stdout).toContain(`plan: create ${HYPERVISORS}`);
    expect((await next('innervisor reconcile')).stdout).toContain('luxembourg: converged\n');
    expect(await day.countProbes()).toBe(HYPERVISORS);
    expect((await next('innervisor schedule apply')).stdout).toContain('luxembourg: created\n');
    expect((await next('innervisor verify')).stdout).toContain('luxembourg: converged\n');

    expect((await next('innervisor destroy luxembourg --dry-run', 2)).stdout).toContain(
      '- schedule  region/luxembourg',
    );
    expect((await next('innervisor destroy luxembourg --yes')).stdout).toContain('luxembourg: destroyed\n');
    expect(await day.countProbes()).toBe(0);

    await anew();
    await next('temporal schedule delete');
    expect((await next('temporal workflow execute')).stdout).toContain('destroyed');
    expect(await day.countProbes()).toBe(0);
    expect(lines).toEqual([]);
  },
  PLAY_TIMEOUT_MS,
);

/** The region as before, for the other way of removing it. */
async function anew(): Promise<void> {
  for (const line of ['innervisor reconcile luxembourg', 'innervisor schedule apply luxembourg'])
    await day.run(line);
  expect(await day.countProbes()).toBe(HYPERVISORS);
}

test('the page installs the package by the line of the README, as the test did', () => {
  const install = start.lines.find((line) => line.startsWith('npm pack'));

  expect(readme.commands.map((block) => block.replace(/ +#.*/, ''))).toContain(install);
});

test('only what needs a cloud with an image store is not run', () => {
  const programs = [...start.notRun, ...uninstall.notRun].map((line) =>
    line.split(' ').slice(0, 3).join(' '),
  );

  expect(programs).toEqual([
    'npm run guest:image',
    'openstack image create',
    'openstack flavor create',
    'openstack flavor set',
    'openstack security group',
    'openstack security group',
    'openstack security group',
    'openstack security group',
    'openstack quota set',
    'openstack security group',
    'openstack flavor delete',
    'openstack image delete',
  ]);
});
