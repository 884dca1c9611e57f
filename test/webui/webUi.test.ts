import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PassReport } from '../../src/domain/pass.ts';
import { Life } from '../scenario/life.ts';
import { SimCloud } from '../simulation/simCloud.ts';
import { openBrowser, type BrowserPage } from './browser.ts';
import { WebUi } from './webUi.ts';

const DRAINED = 3;

let life: Life;
let browser: BrowserPage;
let ui: WebUi;

/** A region, pass after pass, and somebody who looks at it in the real Web UI and nowhere else. */
beforeAll(async () => {
  [life, browser] = await Promise.all([beginLife(), openBrowser()]);
  ui = new WebUi(browser.page, life.stack.temporal.webUiUrl ?? '');
});
afterAll(async () => {
  await browser[Symbol.asyncDispose]();
  await life.end();
});

async function beginLife(): Promise<Life> {
  return await Life.populated(await SimCloud.open(), { webUi: true });
}

test('a first pass says what it decided and why, what it did, and whose it is', async () => {
  await ui.open('InnervisorOutcome = "converged"');
  await ui.main.getByText('awaitProbes • wait until 6 probes stand').waitFor();
  await ui.picture('web-ui-timeline', ui.main.getByRole('tablist'));

  await ui.tab('User Metadata');
  const details = ui.details('Current Details');
  await details.getByRole('heading', { name: 'lab: converged' }).waitFor();
  expect(await ui.rows(details)).toEqual([
    'hypervisor action why',
    ...life.hosts.map((host) => `${life.nameOf(host)} create has no probe`),
  ]);
  await details.getByText('Done: created 6 · verified 6').waitFor();
  await ui.details('Summary').getByText('one pass over lab, started by ').waitFor();

  await ui.tab('Memo');
  await ui.main.getByText('"innervisor_installation": "test"').waitFor();
  await ui.tab('Search Attributes');
  await ui.main.getByText('"InnervisorOutcome": "converged"').waitFor();
});

test('a degraded pass says which hypervisor failed, at what and why', async () => {
  const host = life.hostAt(2);
  await life.loseProbe(host);
  await life.cloud.setFault(host, { spawn_error: 'out of luck' });
  const { failures } = await life.stack.pass();
  await life.cloud.clearFault(host);
  const why = failures[0]?.message ?? 'no failure';

  await ui.open('InnervisorOutcome = "degraded"');
  await ui.main.getByText(why).waitFor();
  await ui.tab('User Metadata');
  const details = ui.details('Current Details');
  await details.getByRole('heading', { name: 'lab: degraded' }).waitFor();
  const [failure] = await details.getByRole('listitem').allInnerTexts();
  await ui.picture('web-ui-degraded', ui.main.getByRole('tablist'));

  expect(failure).toBe(`build failed on ${life.nameOf(host)}: ${why}`);
});

describe('while a plan waits for approval', () => {
  let ended: Promise<PassReport>;
  beforeAll(async () => {
    for (const host of life.hosts.slice(-DRAINED)) await life.cloud.disable(host);
    // The pass that only remembers that they are drained.
    expect(await life.stack.pass()).toMatchObject({ outcome: 'converged', plan: { marks: DRAINED } });
    ended = life.stack.pass();
  });

  test('the list shows it among the outcomes of all passes, and is filtered by them', async () => {
    await ui.list('InnervisorOutcome = "awaiting approval"', 1);
    await ui.showColumns(['InnervisorOutcome', 'InnervisorFailed'], ['Run ID', 'Type', 'End']);
    const all = await (await ui.list('InnervisorRegion = "lab"', 4)).allInnerTexts();
    await ui.picture('web-ui-list');
    const failed = await (
      await ui.list('InnervisorRegion = "lab" AND InnervisorFailed > 0', 1)
    ).allInnerTexts();

    const outcomes = [/RUNNING.*awaiting approval/s, /converged\s+0/, /degraded\s+1/, /converged\s+0/];
    for (const [place, outcome] of outcomes.entries()) expect(all[place]).toMatch(outcome);
    expect(failed[0]).toMatch(/degraded\s+1/);
  });

  test('it shows plan and reason, and is approved where it says so, with what it says', async () => {
    await ui.open('InnervisorOutcome = "awaiting approval"');
    await ui.main.getByText(/plan [0-9a-f]{12} waits for approval: see User Metadata/).waitFor();
    await ui.tab('User Metadata');
    const details = ui.details('Current Details');
    const heading = /^lab: plan [0-9a-f]{12} waits 60 minutes for approval$/;
    await details.getByRole('heading', { name: heading }).waitFor();
    await details.getByText(`held: deletes ${DRAINED} of ${life.hosts.length} probes`).waitFor();
    await ui.picture('web-ui-approval', ui.main.getByRole('tablist'));
    const doomed = life.hosts
      .slice(-DRAINED)
      .map((host) => `${life.nameOf(host)} delete disabled and drained`);
    expect((await ui.rows(details)).slice(1)).toEqual(doomed);

    const data = await details.locator('code.language-json').innerText();
    const refused = await ui.sendUpdate('approve', data.replace(/[0-9a-f]{12}/, '000000000000'));
    await refused
      .getByText(/the plan that waits for approval is [0-9a-f]{12}, not 0{12}/)
      .first()
      .waitFor();
    await refused.getByRole('button', { name: 'Cancel' }).last().click();
    const accepted = await ui.sendUpdate('approve', data);
    await accepted.waitFor({ state: 'hidden' });

    const decision = { kind: 'approved', by: 'your name' };
    expect(await ended).toMatchObject({ outcome: 'converged', deleted: DRAINED, decision });
  });
});

describe('a pass that somebody stops', () => {
  test('stands still after the update pause, is found in the list, and is cancelled there', async () => {
    await life.loseProbe(life.hostAt(1));
    // It can't end before it is paused: it lists for as long as Alertmanager doesn't answer.
    process.kill(life.stack.alertmanager.pid, 'SIGSTOP');
    const ended = life.stack.innervisor('reconcile', 'lab');
    await ui.open('WorkflowId = "region/lab" AND ExecutionStatus = "Running"');

    await (await ui.sendUpdate('pause', '"Zoë"')).waitFor({ state: 'hidden' });
    process.kill(life.stack.alertmanager.pid, 'SIGCONT');
    await ui.open('InnervisorOutcome = "paused"');
    await ui.main
      .getByText(/paused by Zo\?; the pass is given up when this fires/)
      .first()
      .waitFor();
    await ui.tab('User Metadata');
    const details = ui.details('Current Details');
    await details.getByRole('heading', { name: /^lab: paused by Zoë before/ }).waitFor();
    await details.getByText('To let it go on:').waitFor();
    await ui.cancel();

    await ui.open('InnervisorOutcome = "cancelled"');
    expect(await ended).toMatchObject({ code: 1 });
  });
});

test('a failed pass says at what and why', async () => {
  const targetsPath = life.stack.prometheus.fileSdPath;
  const before = await readFile(targetsPath);
  await writeFile(targetsPath, 'no list of targets');
  expect(await life.stack.innervisor('reconcile', 'lab')).toMatchObject({ code: 1 });
  await writeFile(targetsPath, before);

  await ui.open('InnervisorOutcome = "failed"');
  await ui.tab('User Metadata');
  const details = ui.details('Current Details');
  const heading = /^lab: failed while listing hypervisors and probes: .* is no document of targets/;
  await details.getByRole('heading', { name: heading }).waitFor();
});

test('the schedule says when it starts, who made it, and why it is paused', async () => {
  await life.stack.innervisor('schedule', 'apply');
  await life.stack.innervisor('schedule', 'pause', 'lab', '--reason', 'network works');

  const row = await ui.schedule('region/lab');
  const shown = await row.innerText();
  await row.getByRole('link', { name: 'region/lab' }).click();

  expect(shown).toMatch(/PAUSED.*region\/lab.*reconcileRegion.*Every 1 hour/s);
  await ui.main
    .getByText(/network works/)
    .first()
    .waitFor();
});
