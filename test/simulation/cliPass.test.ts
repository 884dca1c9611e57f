import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { RegionStatus } from '../../src/cli/status/read.ts';
import type { PassReport } from '../../src/domain/pass.ts';
import { Life } from '../scenario/life.ts';
import { eventually } from '../support/await.ts';
import { startInnervisor, type CommandPlace } from '../support/innervisor.ts';
import { SimCloud } from './simCloud.ts';

const DRAINED = 3;
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
/** Long enough for a command to be started meanwhile, on a busy machine too. */
const SLOW_SECONDS = 15;

const historySchema = z.object({
  events: z.array(
    z.object({
      eventType: z.string(),
      activityTaskScheduledEventAttributes: z
        .object({ activityType: z.object({ name: z.string() }) })
        .optional(),
    }),
  ),
});

let cloud: SimCloud;
let life: Life;

/** A region with nothing in it; each test goes on where the one before ended. */
beforeAll(async () => {
  cloud = await SimCloud.open();
  life = await Life.begin(cloud);
});
afterAll(async () => life.end());

function place(more: Partial<CommandPlace> = {}): CommandPlace {
  const { configPath, temporal } = life.stack;
  return { configPath, env: { TEMPORAL_ADDRESS: temporal.address }, ...more };
}

async function innervisor(...args: readonly string[]) {
  const command = startInnervisor(args, place());
  const code = await command.ended;
  return { code, stdout: command.stdout(), stderr: command.stderr() };
}

async function status(): Promise<RegionStatus> {
  const { stdout } = await innervisor('status', 'lab', '--output', 'json');
  return JSON.parse(stdout) as RegionStatus;
}

/** Starts a pass that takes some seconds longer, and resolves when it waits for one new probe and another one has failed. */
async function startSlowly(): Promise<void> {
  const [slow, failing] = [life.hostAt(0), life.hostAt(1)];
  await cloud.setFault(slow, { spawn_delay: SLOW_SECONDS });
  await cloud.setFault(failing, { spawn_error: 'out of luck' });
  const { code, stdout } = await innervisor('reconcile', 'lab', '--detach');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^started reconcile\/lab\/\S+; see it: innervisor status lab --follow\n$/);
  await eventually(
    async () => {
      const servers = await cloud.listServers();
      return servers.some(({ host }) => host === slow) && servers.some(({ status }) => status === 'ERROR');
    },
    { ...life.patience('the slow probe to be built and the other one to fail') },
  );
}

/** The steps that the newest pass began after it was asked to stop. */
async function stepsAfterCancel(): Promise<readonly string[]> {
  const { stdout } = await life.stack.temporalCli(
    ...['workflow', 'show', '--workflow-id', 'region/lab', '--output', 'json'],
  );
  const { events } = historySchema.parse(JSON.parse(stdout));
  const asked = events.findIndex(
    ({ eventType }) => eventType === 'EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED',
  );
  return events
    .slice(asked)
    .flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.activityType.name ?? []);
}

test('a region in which nothing has run yet says so', async () => {
  const { code, stdout } = await innervisor('status');

  expect(code).toBe(0);
  expect(stdout).toBe(
    'lab\n  now:      no pass runs\n  last:     none is known, dry runs aside\n  schedule: none; innervisor schedule apply creates it\n',
  );
});

test('a plan shows each change with its reason, and exits with 2', async () => {
  const text = await innervisor('plan', 'lab');
  const yaml = await innervisor('plan', '--all', '--output', 'yaml');

  expect([text.code, yaml.code]).toEqual([2, 2]);
  for (const host of life.hosts)
    expect(text.stdout).toContain(`  +   create  ${life.nameOf(host)}: has no probe\n`);
  expect(text.stdout).toContain(
    `  plan: create ${life.hosts.length}, replace 0, delete 0, keep 0, defer 0\n`,
  );
  expect(text.stderr).toContain('dry run: nothing was changed');
  expect(parse(yaml.stdout)).toMatchObject([{ region: 'lab', plan: { create: life.hosts.length } }]);
});

test('the whole plan is read from S3, and without credentials it says which are needed', async () => {
  const { s3 } = life.stack;
  const credentials = { AWS_ACCESS_KEY_ID: s3.accessKeyId, AWS_SECRET_ACCESS_KEY: s3.secretAccessKey };
  const none = { AWS_EC2_METADATA_DISABLED: 'true', HOME: life.stack.folder };
  const env = { TEMPORAL_ADDRESS: life.stack.temporal.address };

  const full = startInnervisor(['plan', 'lab', '--full'], place({ env: { ...env, ...credentials } }));
  expect(await full.ended).toBe(2);
  const refused = startInnervisor(['plan', 'lab', '--full'], place({ env: { ...env, ...none } }));
  expect(await refused.ended).toBe(1);

  for (const host of life.hosts)
    expect(full.stdout()).toContain(`  +   create  ${life.nameOf(host)}: has no probe\n`);
  expect(refused.stderr()).toContain("error: the whole plan can't be read: ");
  expect(refused.stderr()).toContain(
    'hint: --full needs credentials of S3 on this machine, from AWS_* or ~/.aws',
  );
});

test('a pass that is cancelled leaves nothing half-made, and tells what it has done and what not', async () => {
  await startSlowly();

  const { code, stdout } = await innervisor('cancel', 'lab');
  const { silences } = await life.world();
  const servers = await cloud.listServers();

  // Nova shows a deleted server for a moment more.
  const standsOrGoes = ['ACTIVE', 'DELETED'];
  const halfMade = servers.filter(
    ({ status, taskState }) => !standsOrGoes.includes(status) && taskState !== 'deleting',
  );
  expect({ halfMade, silences }).toEqual({ halfMade: [], silences: [] });
  // The last one asks what lists can show of the pass that ended.
  expect(await stepsAfterCancel()).toEqual(['removeHalfMade', 'expireSilences', 'describeInstallation']);
  expect(code).toBe(0);
  expect(stdout).toContain(`lab: cancelled while creating ${life.hosts.length} probes\n`);
  expect(stdout).toMatch(/done +create probes \(6 of 6\)\n/);
  expect(stdout).toMatch(/stopped +await probes\n/);
  expect(stdout).toMatch(/done +remove half made: removed 2\n/);
  expect(stdout).not.toContain('publish targets');
  const { last, running } = await status();
  expect({ running, last }).toMatchObject({ running: null, last: { outcome: 'cancelled', report: null } });
  expect(await innervisor('cancel', 'lab')).toMatchObject({ code: 1, stdout: '' });
  expect((await innervisor('cancel', '--all')).stdout).toBe('lab: no pass was under way\n');
  await cloud.clearFault(life.hostAt(0));
  await cloud.clearFault(life.hostAt(1));
  await eventually(async () => (await life.stack.pass()).verified === life.hosts.length, {
    ...life.patience('the next passes to go on from there'),
  });
});

test('at a terminal a pass is followed step by step, in colour', async () => {
  const command = startInnervisor(['reconcile', 'lab'], place({ terminal: true }));

  expect(await command.ended).toBe(0);
  const shown = command.stdout();
  expect(shown).toContain('\u001B[32m✓\u001B[39m list inventory');
  expect(shown).toMatch(/publish targets +\S+ s {2}targets 12/);
  expect(shown).toContain('\u001B[1mlab\u001B[22m: \u001B[32mconverged');
  const { last } = await status();
  expect(last).toMatchObject({ outcome: 'converged', report: { verified: life.hosts.length } });
});

test('a plan with nothing to do exits with 0', async () => {
  const { code, stdout } = await innervisor('plan', 'lab');

  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'lab: nothing to do: all is as planned\n  plan: create 0, replace 0, delete 0, keep 6, defer 0\n',
  });
});

test('what a step waits for is told where there is no terminal', async () => {
  const host = life.hostAt(0);
  await life.loseProbe(host);
  await cloud.setFault(host, { spawn_delay: SLOW_SECONDS });

  const { code, stderr } = await innervisor('reconcile', 'lab');
  await cloud.clearFault(host);

  expect(code).toBe(0);
  expect(stderr).toMatch(/^lab \S+ s creating 1 probes$/m);
  expect(stderr).toContain(`await probes: 0 of 1 are built; waits for ${life.nameOf(host)}\n`);
});

test('a plan that the guard would hold exits with 3', async () => {
  for (const host of life.hosts.slice(0, DRAINED)) await cloud.disable(host);
  await innervisor('reconcile', 'lab');

  const { code, stdout } = await innervisor('plan', 'lab');

  expect(code).toBe(3);
  expect(stdout).toContain(`  held: deletes ${DRAINED} of 6 probes; limits.deletesMax allows 2\n`);
  expect(stdout).toContain(`  -   delete  ${life.nameOf(life.hostAt(0))}: disabled and drained\n`);
});

test('a second pass is refused while one runs, and Ctrl-C leaves the first one alone', async () => {
  const following = startInnervisor(['reconcile', 'lab'], place());
  await following.says('waits 60 minutes for approval');

  const second = await innervisor('plan', 'lab');
  following.interrupt();
  const code = await following.ended;
  const back = startInnervisor(['status', 'lab', '--follow'], place());
  await back.says('waits 60 minutes for approval');
  await innervisor('reject', 'lab', '--yes');

  expect(second.code).toBe(5);
  expect(second.stdout).toContain('a pass over lab is already running: see workflow region/lab');
  expect(code).toBe(130);
  expect(following.stderr()).toMatch(
    /detached; the pass goes on .*\. Come back: innervisor status lab --follow\n$/,
  );
  expect(await back.ended).toBe(0);
  expect(back.stdout()).toMatch(/now: +no pass runs\n {2}last: +held, rejected by /);
});

test('a held plan is asked about at a terminal, and status shows that it waits', async () => {
  const command = startInnervisor(['reconcile', 'lab'], place({ terminal: true }));
  await command.says('"yes" approves, "no" rejects, all else waits:');
  const { running } = await status();
  command.type('no\n');

  expect(await command.ended).toBe(3);
  expect(running?.held).toMatchObject({ plan: { delete: DRAINED } });
  expect(command.stdout()).toContain(`plan ${running?.held?.planHash} is rejected`);
  expect((await status()).last).toMatchObject({ outcome: 'held', report: { deleted: 0 } });
});

test('Ctrl-C at the question detaches, and Ctrl-D lets the plan wait', async () => {
  const interrupted = startInnervisor(['reconcile', 'lab'], place({ terminal: true }));
  await interrupted.says('all else waits:');
  interrupted.type(CTRL_C);
  expect(await interrupted.ended).toBe(130);
  expect(interrupted.stdout()).toMatch(
    /detached; the pass goes on as \S+ Come back: innervisor status lab --follow\r\n/,
  );
  await innervisor('reject', 'lab', '--yes');

  const left = startInnervisor(['reconcile', 'lab'], place({ terminal: true }));
  await left.says('all else waits:');
  left.type(CTRL_D);
  await left.says(/it waits: innervisor approve lab --plan \w+, or reject\r\n/);

  expect((await status()).running?.held).toMatchObject({ plan: { delete: DRAINED } });
  await innervisor('reject', 'lab', '--yes');
  expect(await left.ended).toBe(3);
  expect(left.stdout()).not.toContain('Aborted');
});

test.each(['approve', 'reject'])('Ctrl-C and Ctrl-D at the question of %s decide nothing', async (word) => {
  const following = startInnervisor(['reconcile', 'lab'], place());
  await following.says('waits 60 minutes for approval');

  for (const key of [CTRL_C, CTRL_D]) {
    const asked = startInnervisor([word, 'lab'], place({ terminal: true }));
    await asked.says('Only "yes" is taken:');
    asked.type(key);
    expect(await asked.ended).toBe(1);
    expect(asked.stdout()).toMatch(/nothing was decided; .*goes on waiting\r\n.*hint:.*\r\n$/);
  }

  expect((await status()).running?.held).toMatchObject({ plan: { delete: DRAINED } });
  await innervisor('reject', 'lab', '--yes');
  expect(await following.ended).toBe(3);
});

test('with --yes a held plan is shown and carried out', async () => {
  const { code, stdout, stderr } = await innervisor('reconcile', 'lab', '--yes', '--output', 'json');

  expect(code).toBe(0);
  expect(stderr).toContain(`  held: deletes ${DRAINED} of 6 probes; limits.deletesMax allows 2\n`);
  const { outcome, deleted, decision } = JSON.parse(stdout) as PassReport;
  expect({ outcome, deleted, kind: decision?.kind }).toEqual({
    outcome: 'converged',
    deleted: DRAINED,
    kind: 'approved',
  });
});

test('who is not there to be shown a held plan cannot have approved it', async () => {
  const { code, stderr } = await innervisor('reconcile', 'lab', '--detach', '--yes');

  expect({ code, stderr }).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("option '--yes' cannot be used with option '--detach'"),
  });
});

test('an unknown region, none, and both names and --all are refused with what to say', async () => {
  const said = await Promise.all(
    [['plan', 'nowhere'], ['plan'], ['cancel', 'lab', '--all']].map((args) => innervisor(...args)),
  );

  expect(said.map(({ code }) => code)).toEqual([1, 1, 1]);
  expect(said.map(({ stderr }) => stderr)).toEqual([
    'error: no region "nowhere" in innervisor.yaml\nhint: innervisor.yaml has: lab\n',
    'error: which region? Name one or more, or say --all\nhint: innervisor.yaml has: lab\n',
    'error: name regions or say --all, not both\nhint: innervisor.yaml has: lab\n',
  ]);
});
