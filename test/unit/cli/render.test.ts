import { expect, test } from 'vitest';
import type { Cancelled } from '../../../src/cli/pass/cancel.ts';
import type { PassView } from '../../../src/cli/pass/watch.ts';
import { joinProbes } from '../../../src/cli/published/probes.ts';
import { renderCancelled } from '../../../src/cli/render/cancelled.ts';
import { renderPlan } from '../../../src/cli/render/plan.ts';
import { renderProgress } from '../../../src/cli/render/progress.ts';
import { renderProbes } from '../../../src/cli/render/published.ts';
import { renderResult } from '../../../src/cli/render/report.ts';
import { renderSchedule } from '../../../src/cli/render/schedule.ts';
import { renderStatus } from '../../../src/cli/render/status.ts';
import type { PassReport } from '../../../src/domain/pass.ts';

const HOSTILE = 'cmp\u001B[2J\nlab: converged\u202E';
const SHOWN = 'cmp?[2J lab: converged?';
const plain = (_style: string, text: string): string => text;

function aReport(fields: Partial<PassReport> = {}): PassReport {
  const ref = { key: 'passes/lab/plan/1.json', sha256: '1', bytes: 1 };
  return {
    region: 'lab',
    pass: '20260102T030405Z-00000000',
    outcome: 'planned',
    hypervisors: 5,
    selected: 4,
    deferred: 1,
    plan: { create: 1, replace: 1, delete: 1, keep: 1, defer: 1, none: 0, marks: 1 },
    changes: [
      { hypervisor: 'cmp001', action: 'create', reason: 'has no probe' },
      { hypervisor: 'cmp002', action: 'replace', reason: 'is outdated; the old one goes first' },
      { hypervisor: 'cmp003', action: 'delete', reason: 'disabled and drained' },
      { hypervisor: 'cmp004', action: 'keep', reason: 'gone since this pass' },
      { hypervisor: 'cmp005', action: 'defer', reason: 'enabled but down' },
    ],
    held: [],
    created: 0,
    replaced: 0,
    deleted: 0,
    kept: 1,
    verified: 0,
    generation: null,
    failures: [],
    failedChecks: [],
    slowestBoots: [],
    artifacts: { inventory: ref, plan: ref, boots: null },
    ...fields,
  };
}

test('a plan is a difference with a sign and a reason on each line', () => {
  expect(renderPlan(aReport(), plain)).toBe(`lab: what a pass would do
  +   create  cmp001: has no probe
  +/- replace cmp002: is outdated; the old one goes first
  -   delete  cmp003: disabled and drained
  !   keep    cmp004: gone since this pass
  ·   defer   cmp005: enabled but down
  plan: create 1, replace 1, delete 1, keep 1, defer 1, remember 1`);
});

test.each([
  [1, 'nothing to do now'],
  [0, 'nothing to do: all is as planned'],
])('a plan that changes nothing and defers %i says: %s', (defer, title) => {
  const plan = { create: 0, replace: 0, delete: 0, keep: 4, defer, none: 0, marks: 0 };

  expect(renderPlan(aReport({ plan, changes: [] }), plain)).toMatch(new RegExp(`^lab: ${title}\n`));
});

test('what a report leaves out of a plan is counted', () => {
  const plan = { ...aReport().plan, create: 70 };

  expect(renderPlan(aReport({ plan }), plain)).toContain('      … and 69 more; ');
});

test('a held plan names its hash and why it is held', () => {
  const held = aReport({ held: ['deletes 3 of 6 probes'], planHash: '0123456789ab' });

  expect(renderPlan(held, plain)).toMatch(/^lab: what a pass would do, plan 0123456789ab\n/);
  expect(renderPlan(held, plain)).toContain('\n  held: deletes 3 of 6 probes\n');
});

test.each<readonly [string, string]>([
  [
    'a plan',
    renderPlan(aReport({ changes: [{ hypervisor: HOSTILE, action: HOSTILE, reason: HOSTILE }] }), plain),
  ],
  [
    'a result',
    renderResult(
      aReport({
        failures: [{ hypervisor: HOSTILE, probeId: 'p', step: 'create', kind: 'conflict', message: HOSTILE }],
        decision: { kind: 'approved', plan: '1', by: HOSTILE },
      }),
      plain,
    ),
  ],
  [
    'a status',
    renderStatus(
      {
        region: 'lab',
        running: {
          workflowId: 'region/lab',
          runId: '1',
          startedAt: '2026-01-02T03:04:05Z',
          startedBy: HOSTILE,
          step: HOSTILE,
          held: null,
        },
        last: null,
        orders: {
          frozen: { by: HOSTILE, at: '2026-01-02T03:04:05Z', reason: HOSTILE, until: null },
          inMaintenance: 1,
        },
        schedule: null,
      },
      0,
      plain,
    ),
  ],
  [
    'a list of probes',
    renderProbes(
      {
        region: 'lab',
        generation: 1,
        probes: joinProbes(undefined, [
          {
            hypervisor: HOSTILE,
            probe: HOSTILE,
            probeId: '1',
            exporter: HOSTILE,
            address: '',
            health: 'down',
            displaced: false,
            lastError: HOSTILE,
            lastScrape: null,
          },
        ]),
      },
      plain,
    ),
  ],
])('%s shows hostile names as text on their line', (_what, text) => {
  expect(text).toContain(SHOWN);
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(text).not.toMatch(/^lab: converged/m);
});

test('a pass under way shows each step, what it waits for and why it is tried again', () => {
  const step = {
    calls: 1,
    ended: 1,
    startedMs: 0,
    endedMs: 1_000,
    counts: {},
    probeFailures: [],
    failure: null,
  };
  const view: PassView = {
    region: 'lab',
    startedMs: 0,
    progress: { step: 'creating 3 probes' },
    steps: [
      { ...step, activity: 'listInventory', state: 'done', counts: { hypervisors: 4, unlisted: 0 } },
      {
        ...step,
        activity: 'createProbes',
        state: 'done',
        calls: 3,
        ended: 3,
        probeFailures: [{ hypervisor: 'cmp003', message: 'no room' }],
      },
      { ...step, activity: 'awaitProbes', state: 'running', ended: 0, endedMs: null },
    ],
    retries: [{ activity: 'awaitProbes', attempt: 2, why: 'Nova is away' }],
    told: { awaitProbes: '1 of 2 are built; waits for cmp002' },
  };

  expect(renderProgress(view, 12_000, plain)).toEqual([
    'lab 12 s creating 3 probes',
    '  ✓ list inventory             1.0 s  hypervisors 4',
    '  ✓ create probes              1.0 s  3 of 3',
    '      cmp003: no room',
    '  ⠋ await probes                12 s  1 of 2 are built; waits for cmp002',
    '      attempt 2, because: Nova is away',
  ]);
});

test('a pass that was refused because another one runs says where to see that one', () => {
  const message = 'a pass over lab is already running: see workflow region/lab';
  const busy = { region: 'lab', outcome: 'already running', workflowId: 'region/lab', message } as const;

  expect(renderResult(busy, plain)).toBe(
    `${message}\n  innervisor status lab shows where it is, and whether its plan waits for your approval`,
  );
});

test('a pass that ended by itself before it could be stopped is not called cancelled', () => {
  const ended: Cancelled = {
    region: 'lab',
    outcome: 'ended',
    message: null,
    step: 'converged',
    plan: null,
    done: [],
    stopped: [],
    compensated: false,
  };

  expect(renderCancelled(ended, plain)).toBe(
    'lab: the pass came to its own end before it could be stopped\n  nothing was planned yet',
  );
});

const configured = { installation: 'prod', taskQueue: 'site-a' };

test('a schedule shows what of it is not as configured', () => {
  const schedule = {
    ...{
      region: 'lab',
      paused: false,
      note: null,
      everyMs: [600_000],
      cron: [],
      timeZone: 'UTC',
      jitterMs: 0,
    },
    ...{ next: [], recent: [], skipped: 0, installation: 'staging', taskQueue: HOSTILE },
  };

  expect(renderSchedule(schedule, configured, 0, plain)).toBe(
    `lab: every 10 m\n  of installation staging, not of prod\n  on task queue ${SHOWN}, not on site-a; innervisor schedule apply changes it`,
  );
});

test('a schedule by a calendar shows its lines of cron and their time zone', () => {
  const schedule = {
    ...{ region: 'lab', paused: false, note: null, everyMs: [], cron: ['0 3 * * *', HOSTILE] },
    ...{ timeZone: 'Europe/Luxembourg', jitterMs: 60_000, next: [], recent: [], skipped: 0 },
    ...configured,
  };

  expect(renderSchedule(schedule, configured, 0, plain)).toBe(
    `lab: at 0 3 * * * Europe/Luxembourg, at ${SHOWN} Europe/Luxembourg, up to 1 m later`,
  );
});
