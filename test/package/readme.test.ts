import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { command } from '../../lab/stack/command.ts';
import type { PassProgress } from '../../src/workflows/frame.ts';
import { eventually } from '../support/await.ts';
import { readDocPage } from '../support/docPage.ts';
import { startInnervisor } from '../support/innervisor.ts';
import { sendAsTctl } from '../support/tctl.ts';
import { modeOf, openDayOne, type DayOne } from './support/dayOne.ts';

const INSTALL_TIMEOUT_MS = 600_000;
const PLAY_TIMEOUT_MS = 600_000;
const ROOT = join(import.meta.dirname, '..', '..');
/** Enough for three plans that the guard holds: each wants to remove three probes, one more than `limits.deletesMax` allows. */
const HYPERVISORS = 12;
/** Long enough for a command to be started meanwhile, on a busy machine too. */
const SLOW_SECONDS = 15;
const PATIENCE_MS = 60_000;
/** What the README says in place of the hash of a plan. */
const PLAN = '0123456789ab';
const PASS = 'region/luxembourg';

const { lines } = await readDocPage('../README.md');

let day: DayOne;

beforeAll(async () => {
  day = await openDayOne(HYPERVISORS);
}, INSTALL_TIMEOUT_MS);
afterAll(async () => {
  await day[Symbol.asyncDispose]();
});

type Play = (line: string) => Promise<unknown>;

/** The command is run as it stands, and ends with this exit code. */
function ends(code: number): Play {
  return async (line) => await day.run(line, code);
}

/** It is run as it stands, and says so. */
function says(text: string): Play {
  return async (line) => expect((await day.run(line)).stdout).toContain(text);
}

/** The commands by how they begin, in the order of the page, with how each is played after those before it. */
const PLAYS: Readonly<Record<string, Play>> = {
  // By this very line the machine was prepared.
  'npm pack && npm install': async () => await day.run('innervisor --help'),
  'npm run -s innervisor --': async (line) => {
    const shell = { cwd: ROOT, env: process.env };
    expect(await command('sh', ['-c', `${line} --version`], shell)).toMatchObject({ code: 0 });
  },
  'innervisor config example': says('installation:'),
  'openssl genpkey': async (line) => {
    await day.run(line);
    expect(await modeOf(join(day.folder, 'peers.key'))).toBe(0o600);
  },
  'innervisor config check': says('ok'),
  'innervisor worker': async (line) => await day.start(line),
  'innervisor plan': ends(2),
  'innervisor reconcile': says('luxembourg: converged\n'),
  'innervisor schedule apply': async (line) => {
    await day.run(line);
    // From here on only passes of the page.
    await day.run('innervisor schedule pause luxembourg');
  },
  'innervisor verify': says('luxembourg: converged\n'),
  'innervisor status': says('luxembourg\n'),
  'innervisor probes list': says('cmp003'),
  'innervisor cancel': async (line) => {
    await startSlowly();
    expect((await day.run(line)).stdout).toContain('luxembourg: cancelled while creating 1 probe');
    await day.cloud.clearFault('cmp001');
  },
  'innervisor maintenance begin': ends(0),
  'innervisor maintenance end': ends(0),
  'innervisor freeze': says('frozen'),
  'innervisor unfreeze': says('no longer frozen'),
  'temporal workflow start': async (line) => {
    await day.run(line);
    expect(await resultOf('by-hand')).toContain('converged');
  },
  'tctl workflow start': async (line) => {
    await sendAsTctl(day.stack.temporal.address, line);
    expect(await resultOf('by-hand')).toContain('converged');
  },
  'temporal workflow query': says('converged'),
  'innervisor approve': async (line) => {
    await drain('cmp010', 'cmp011', 'cmp012');
    const plan = await startHeld('held-1');
    const approving = startInnervisor(line.split(/ +#/)[0]?.split(' ').slice(1) ?? [], {
      configPath: join(day.folder, 'innervisor.yaml'),
      env: day.env,
      program: day.installed.program,
      terminal: true,
    });
    await approving.says(plan);
    approving.type('yes\n');
    expect(await approving.ended, approving.stdout()).toBe(0);
    expect(await resultOf('held-1')).toContain('converged');
    expect(await day.countProbes()).toBe(9);
  },
  'temporal workflow signal': async (line) => {
    await drain('cmp007', 'cmp008', 'cmp009');
    const plan = await startHeld('held-2');
    await day.run(line.replace(PLAN, plan));
    expect(await resultOf('held-2')).toMatch(/"by":\s*"me"/);
    expect(await day.countProbes()).toBe(6);
  },
  'tctl workflow signal': async (line) => {
    await drain('cmp004', 'cmp005', 'cmp006');
    const plan = await startHeld('held-3');
    await sendAsTctl(day.stack.temporal.address, line.replace(PLAN, plan));
    expect(await resultOf('held-3')).toContain('rejected');
    expect(await day.countProbes()).toBe(6);
  },
  'temporal workflow update execute': async (line) => {
    // What was rejected is planned again.
    const plan = await startHeld('held-4');
    const other = `--workflow-id ${PASS} --name approve --input '{"plan":"${PLAN}"}'`;
    const { stderr } = await day.run(`${line} ${other}`, 1);
    expect(stderr).toContain(`the plan that waits for approval is ${plan}, not ${PLAN}`);
  },
  'innervisor rules': async (line) => {
    await day.run(line.replace('/etc/prometheus', day.folder));
    expect(await readdir(join(day.folder, 'rules'))).toContain('innervisor.rules.yaml');
  },
};

/** Has a pass wait for a probe that takes long to be built. */
async function startSlowly(): Promise<void> {
  const { cloud } = day;
  const probe = (await cloud.listServers()).find(({ host }) => host === 'cmp001');
  await cloud.setFault('cmp001', { spawn_delay: SLOW_SECONDS });
  await cloud.deleteServer(probe?.id ?? '');
  await eventually(
    async () => (await cloud.getServer(probe?.id ?? '')) === undefined,
    patience('its probe to be gone'),
  );
  await day.run('innervisor reconcile luxembourg --detach');
  await eventually(
    async () =>
      (await cloud.listServers()).some(({ host, status }) => host === 'cmp001' && status === 'BUILD'),
    patience('the slow probe to be built'),
  );
}

/** Empties and disables hypervisors, and has a pass remember that: the next one wants to remove their probes. */
async function drain(...hosts: readonly string[]): Promise<void> {
  for (const host of hosts) await day.cloud.disable(host);
  await day.run('innervisor reconcile luxembourg');
}

/** Starts a pass under an id, and gives the plan that waits for approval. */
async function startHeld(id: string): Promise<string> {
  const start = 'temporal workflow start --task-queue innervisor --type reconcileRegion';
  await day.run(`${start} --workflow-id ${id} --input '{"region":"luxembourg"}'`);
  return await eventually(async () => {
    const query = `tctl workflow query --workflow_id ${PASS} --query_type report`;
    return ((await sendAsTctl(day.stack.temporal.address, query)) as PassProgress).awaitsApproval;
  }, patience('a plan to wait'));
}

/** What a workflow gave, once it has ended. */
async function resultOf(id: string): Promise<string> {
  return (await day.run(`temporal workflow result --workflow-id ${id}`)).stdout;
}

function patience(describe: string) {
  return { timeoutMs: PATIENCE_MS, describe };
}

test(
  'the commands of the README, in blocks and in its text, do what they say one after the other',
  async () => {
    const begins = lines.map((line) => Object.keys(PLAYS).find((begin) => line.startsWith(begin)) ?? line);
    expect(begins, 'a test runs each, or a comment above it says why none does').toEqual(Object.keys(PLAYS));

    for (const [index, line] of lines.entries()) await PLAYS[begins[index] ?? '']?.(line);
  },
  PLAY_TIMEOUT_MS,
);
