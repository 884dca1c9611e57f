import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDayOne, type DayOne } from './support/dayOne.ts';

const INSTALL_TIMEOUT_MS = 600_000;
const PLAY_TIMEOUT_MS = 900_000;
const PAGE = new URL('../../docs/cli.md', import.meta.url);
const HYPERVISORS = 6;
/** What the page says in place of the id of a probe. */
const PROBE = '1f0c9a3e';

/** With which code the examples end that begin so; all others with 0. */
const EXITS: Readonly<Record<string, number>> = {
  'innervisor plan': 2,
  'innervisor destroy luxembourg --dry-run': 2,
  'innervisor destroy luxembourg --yes': 0,
  // Nobody is at a terminal to confirm it.
  'innervisor destroy luxembourg': 1,
  // Nothing waits, and nothing runs: readme.test.ts does these in earnest.
  'innervisor approve': 1,
  'innervisor reject': 1,
  'innervisor cancel': 1,
  // No region is on that task queue.
  'innervisor worker --task-queue': 1,
  // The package has none.
  'innervisor demo': 1,
};

let day: DayOne;

beforeAll(async () => {
  day = await openDayOne(HYPERVISORS);
  const { folder, installed } = day;
  await mkdir(join(installed.home, '.config', 'fish', 'completions'), { recursive: true });
  await copyFile(join(folder, 'innervisor.yaml'), join(installed.home, 'new.yaml'));
  await day.run(`openssl genpkey -algorithm ed25519 -out ${join(folder, 'peers.key')}`);
  // A schedule to work with, by which no pass begins in between.
  await day.run('innervisor schedule apply && innervisor schedule pause luxembourg');
}, INSTALL_TIMEOUT_MS);
afterAll(async () => {
  await day[Symbol.asyncDispose]();
});

/** The examples of the page in its order, but what starts a worker first, and what removes the region last. */
async function readExamples(): Promise<readonly string[]> {
  const blocks = [...(await readFile(PAGE, 'utf8')).matchAll(/^Examples:\n((?: {2}\S.*\n)+)/gm)];
  const lines = blocks
    .flatMap(([, block = '']) => block.trim().split('\n'))
    .map((line) => line.trim().replace(/ {2,}.*/, ''));
  const rank = (line: string): number => Number(line.includes(' destroy ')) - Number(isWorker(line));
  return lines.toSorted((a, b) => rank(a) - rank(b));
}

/** Whether it goes on until it is told to stop. */
function isWorker(line: string): boolean {
  return line.startsWith('innervisor worker') && exitOf(line) === 0;
}

function exitOf(line: string): number {
  return Object.entries(EXITS).find(([begin]) => line.startsWith(begin))?.[1] ?? 0;
}

/** The example with what this machine has in place of what the page names; a completion is printed, and taken by no shell. */
async function here(line: string): Promise<string> {
  const probe = line.includes(PROBE) ? (await day.cloud.listServers())[0]?.name.slice(-PROBE.length) : PROBE;
  return line
    .replace(PROBE, probe ?? '')
    .replace(/\/var\/lib\/grafana|\/etc\/prometheus/, day.folder)
    .replace(/^source <\((.*)\)$/, '$1');
}

test(
  'the examples of the command line do what they say',
  async () => {
    const lines = await readExamples();
    expect(lines.length).toBeGreaterThan(50);

    for (const line of lines) {
      if (isWorker(line)) await day.start(line);
      else await day.run(await here(line), exitOf(line));
      // What goes on behind the command is over before the next one.
      if (/ --detach| trigger /.test(line)) await day.run('innervisor status luxembourg --follow');
    }

    expect(await day.countProbes()).toBe(0);
  },
  PLAY_TIMEOUT_MS,
);
