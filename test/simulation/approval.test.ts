import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../support/await.ts';
import type { Life } from '../scenario/life.ts';
import type { PassReport } from '../../src/domain/pass.ts';
import { SimCloud } from './simCloud.ts';
import { beginDrained, DRAINED } from './support/drainedRegion.ts';

let cloud: SimCloud;
let life: Life;

beforeAll(async () => {
  cloud = await SimCloud.open();
  life = await beginDrained(cloud);
});
afterAll(async () => life.end());

/** What the command that follows the pass has said when it has ended, and the hash that is waited for meanwhile. */
async function startHeld() {
  const following = life.stack.innervisor('reconcile', 'lab', '--output', 'json');
  const asked = await eventually(async () => {
    const { code, stderr } = await life.stack.innervisor('approve', 'lab');
    expect(code).toBe(1);
    return /--plan ([0-9a-f]{12})/.exec(stderr) === null ? undefined : stderr;
  }, life.patience('the pass to wait for approval'));
  const [, plan = ''] = /--plan ([0-9a-f]{12})/.exec(asked) ?? [];
  return { asked, plan, ended: following };
}

test('a held plan is shown, and nobody who can’t be asked approves it by accident', async () => {
  const before = await life.world();

  const { asked, plan, ended } = await startHeld();

  expect(asked).toContain(`held: deletes ${DRAINED} of ${life.hosts.length} probes`);
  for (const host of life.hosts.slice(0, DRAINED)) expect(asked).toContain(`delete  ${life.nameOf(host)}: `);
  const other = await life.stack.innervisor('approve', 'lab', '--plan', '000000000000');
  expect(other).toMatchObject({ code: 1, stdout: '' });
  expect(other.stderr).toContain(`the plan that waits for approval is ${plan}, not 000000000000`);

  const rejected = await life.stack.innervisor('reject', 'lab', '--plan', plan, '--output', 'json');
  expect(rejected.code).toBe(0);
  expect(JSON.parse(rejected.stdout)).toMatchObject({ region: 'lab', plan, word: 'reject' });
  const { code, stdout, stderr } = await ended;
  expect(code).toBe(3);
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'held', decision: { kind: 'rejected', plan } });
  expect(stderr).toContain(`plan ${plan} waits 60 minutes for approval`);
  expect((await life.world()).probes).toEqual(before.probes);
});

test('once it is approved by Temporal’s own tool it is carried out, and nothing else is', async () => {
  const { plan, ended } = await startHeld();

  const input = JSON.stringify({ plan, by: 'night shift' });
  const signal = ['workflow', 'signal', '--workflow-id', 'region/lab', '--name', 'approve', '--input', input];
  expect((await life.stack.temporalCli(...signal)).code).toBe(0);

  const { code, stdout } = await ended;
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as PassReport;
  expect(report).toMatchObject({
    outcome: 'converged',
    deleted: DRAINED,
    decision: { kind: 'approved', plan, by: 'night shift' },
  });
  const { probes } = await life.world();
  expect(probes.map(({ host }) => host).toSorted()).toEqual(life.hosts.slice(DRAINED));
});

test('afterwards no plan waits, and the command says so', async () => {
  const { code, stderr } = await life.stack.innervisor('approve', 'lab', '--yes');

  expect(code).toBe(1);
  expect(stderr).toContain('no plan of lab waits for approval');
  expect(stderr).toContain('hint: innervisor plan lab shows what would be done now');
});

test('that no hypervisor is left has to be said twice before the last probes go', async () => {
  const { probes } = await life.world();
  cloud.hideHypervisors();
  const approve = async (): Promise<PassReport> => {
    const { asked, plan, ended } = await startHeld();
    expect(asked).toContain(
      `held: Nova lists 0 hypervisors, fewer than half of the ${probes.length} that have probes`,
    );
    expect((await life.stack.innervisor('approve', 'lab', '--plan', plan)).code).toBe(0);
    return JSON.parse((await ended).stdout) as PassReport;
  };

  expect(await approve()).toMatchObject({ plan: { marks: probes.length }, deleted: 0 });
  expect((await life.world()).probes).toHaveLength(probes.length);
  expect(await approve()).toMatchObject({ outcome: 'converged', deleted: probes.length });

  expect(await life.world()).toMatchObject({ probes: [], targets: [], peers: [] });
});
