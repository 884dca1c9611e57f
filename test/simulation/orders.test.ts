import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Settled } from '../../src/cli/orders/settle.ts';
import type { RegionStatus } from '../../src/cli/status/read.ts';
import { Life } from '../scenario/life.ts';
import { eventually } from '../support/await.ts';
import { readDocPage } from '../support/docPage.ts';
import { startInnervisor, type StartedCommand } from '../support/innervisor.ts';
import { SimCloud } from './simCloud.ts';

let cloud: SimCloud;
let life: Life;

/** A region with a probe on each of its six hypervisors; each test goes on where the one before ended. */
beforeAll(async () => {
  cloud = await SimCloud.open();
  life = await Life.populated(cloud);
});
afterAll(async () => life.end());

function start(...args: readonly string[]): StartedCommand {
  const { configPath, temporal } = life.stack;
  return startInnervisor(args, { configPath, env: { TEMPORAL_ADDRESS: temporal.address } });
}

async function innervisor(...args: readonly string[]) {
  const command = start(...args);
  const code = await command.ended;
  return { code, stdout: command.stdout(), stderr: command.stderr() };
}

/** The commands of the page, in their order, each of them run once. */
async function readCommands(): Promise<readonly (readonly string[])[]> {
  return (await readDocPage('operations.md')).commands
    .flatMap((block) => block.split('\n'))
    .map((line) => line.replace(/ +#.*/, '').replaceAll('luxembourg', 'lab'))
    .map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? ''))
    .map(([program, ...args]) => {
      expect(program).toBe('innervisor');
      return args;
    });
}

async function hostsWithProbe(): Promise<readonly (string | null)[]> {
  return (await life.world()).probes.map(({ host }) => host).toSorted();
}

const without = (...hosts: readonly string[]) => life.hosts.filter((host) => !hosts.includes(host));

test('the commands of the page do what it says', async () => {
  const [freeze = [], frozen = [], unfreeze = [], begin = [], list = [], end = [], ...more] =
    await readCommands();

  expect(await innervisor(...freeze)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('lab: frozen'),
  });
  await life.loseProbe(life.hostAt(0));
  const refused = await innervisor('reconcile', 'lab');
  expect(refused.code).toBe(6);
  expect(refused.stdout).toMatch(
    /^lab is frozen by \S+@\S+ since \S+ \S+Z until \S+ \S+Z: network works, CHG-1234; nothing was changed\. To lift it: innervisor unfreeze lab\n$/,
  );
  expect(await hostsWithProbe()).toEqual(without(life.hostAt(0)));
  const shown = await innervisor(...frozen);
  expect(shown.stdout).toMatch(/^ {2}orders: {3}frozen by .*: network works, CHG-1234$/m);
  expect(shown.stdout).toMatch(/^ {2}last: {5}frozen, /m);
  const planned = await innervisor('plan', 'lab');
  expect(planned.code).toBe(2);
  expect(planned.stdout).toContain('no pass changes anything until that is lifted');

  expect(await innervisor(...unfreeze)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('no longer frozen'),
  });
  expect((await innervisor('reconcile', 'lab')).code).toBe(0);
  expect(await hostsWithProbe()).toEqual(life.hosts);

  const begun = await innervisor(...begin);
  expect(begun).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/: without probe: its probe is gone\n$/),
  });
  expect(await hostsWithProbe()).toEqual(without('cmp003'));
  expect((await innervisor(...list)).stdout).toMatch(/^cmp003\S* .* disk, CHG-1235$/m);
  expect(await innervisor('plan', 'lab')).toMatchObject({ code: 0 });

  const ended = await innervisor(...end);
  expect(ended).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/: probe back: probe-cmp003-\w+ answers\n$/),
  });
  expect(await hostsWithProbe()).toEqual(life.hosts);
  expect(more).toEqual([]);
});

async function maintain(
  verb: 'begin' | 'end',
  host: string,
): Promise<Settled & { readonly code: number | null }> {
  const until = verb === 'begin' ? ['--until', '1h'] : [];
  const { code, stdout } = await innervisor('maintenance', verb, host, ...until, '--output', 'json');
  return { ...(JSON.parse(stdout) as Settled), code };
}

describe('a hypervisor', () => {
  test('that Nova doesn’t know is refused, and so is an end that is none', async () => {
    const unknown = await innervisor('maintenance', 'begin', 'cmp999', '--until', '1h');
    const past = await innervisor('maintenance', 'begin', 'cmp001', '--until', '2020-01-01T00:00Z');

    expect(unknown.code).toBe(1);
    expect(unknown.stderr).toMatch(
      /^error: lab: Nova lists no hypervisor "cmp999" in region lab; it has cmp001/m,
    );
    expect(past).toMatchObject({
      code: 1,
      stderr: 'error: --until must be in the future\nhint: for example: --until 4h\n',
    });
  });

  test('that is down keeps its probe, which goes once it is up again', async () => {
    const host = life.hostAt(1);
    await cloud.killCompute(host);
    await eventually(
      async () => (await cloud.listHypervisors()).find((one) => one.host === host)?.state === 'down',
      life.patience(`${host} to be down`),
    );

    expect(await maintain('begin', host)).toMatchObject({ code: 4, outcome: 'down' });
    expect(await hostsWithProbe()).toEqual(life.hosts);
    await cloud.reviveCompute(host);
    await life.stack.pass();
    expect(await hostsWithProbe()).toEqual(without(host));
    expect(await maintain('begin', host)).toMatchObject({ code: 0, why: ['it has no probe'] });
    expect(await maintain('end', host)).toMatchObject({ code: 0, outcome: 'probe back' });
  });

  test('waits for a freeze to be lifted; of many at once the guard holds the plan, until somebody approves it', async () => {
    const some = life.hosts.slice(0, 3);
    const [, second = '', third = ''] = some;
    await innervisor('freeze', 'lab', '--reason', 'works');
    for (const host of some)
      expect(await maintain('begin', host)).toMatchObject({ code: 6, outcome: 'frozen' });
    await innervisor('unfreeze', 'lab');

    const rejected = start('maintenance', 'begin', third, '--until', '2h', '--output', 'json');
    await rejected.says(/it waits: innervisor approve lab --plan [0-9a-f]{12}, or reject/);
    await innervisor('reject', 'lab', '--yes');
    expect(await rejected.ended).toBe(3);
    const { outcome, why } = JSON.parse(rejected.stdout()) as Settled;
    expect(outcome).toBe('held');
    expect(why.at(-1)).toBe('to have it done: innervisor reconcile lab, and approve its plan');
    expect(await hostsWithProbe()).toEqual(life.hosts);

    const waiting = start('maintenance', 'begin', third, '--until', '3h', '--output', 'json');
    await waiting.says('it waits: innervisor approve');
    const joining = start('maintenance', 'begin', second, '--until', '3h', '--output', 'json');
    await joining.says('waits for the pass that is under way');
    await innervisor('approve', 'lab', '--yes');

    expect(await waiting.ended).toBe(0);
    expect(await joining.ended).toBe(0);
    expect(JSON.parse(joining.stdout())).toMatchObject({ outcome: 'without probe' });
    expect(await hostsWithProbe()).toEqual(without(...some));
    const { stdout } = await innervisor('status', 'lab', '--output', 'json');
    expect((JSON.parse(stdout) as RegionStatus).orders).toEqual({ frozen: null, inMaintenance: 3 });
  });
});
