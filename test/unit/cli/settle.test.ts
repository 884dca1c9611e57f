import { describe, expect, test } from 'vitest';
import { judgeBack, judgeGone } from '../../../src/cli/orders/settle.ts';
import type { HypervisorLook } from '../../../src/domain/hypervisorLook.ts';
import type { PassReport } from '../../../src/domain/pass.ts';

const NAME = 'cmp003.lab.example';
const ORDER = {
  hypervisor: NAME,
  by: 'me',
  at: '2026-01-02T03:00:00Z',
  until: '2026-01-02T05:00:00Z',
  reason: 'disk',
};
const FAILURE = {
  hypervisor: NAME,
  probeId: '1',
  step: 'delete',
  kind: 'deleteRefused',
  message: 'locked',
} as const;

function aLook(fields: Partial<HypervisorLook> = {}): HypervisorLook {
  return {
    region: 'lab',
    hypervisor: NAME,
    up: true,
    maintenance: null,
    decision: 'selected',
    reason: { code: 'asPlanned', text: 'enabled and up' },
    probes: ['probe-cmp003-1'],
    isPublished: true,
    failedChecks: [],
    ...fields,
  };
}

function aReport(fields: Partial<PassReport> = {}): PassReport {
  return {
    outcome: 'converged',
    changes: [],
    failures: [],
    findings: [],
    held: [],
    ...fields,
  } as unknown as PassReport;
}

const inMaintenance = { maintenance: ORDER, decision: 'excluded' } as const;
const empty = { probes: [], isPublished: false };
const removed = aReport({ changes: [{ hypervisor: NAME, action: 'delete', reason: '' }] });

describe('a hypervisor in maintenance', () => {
  test.each([
    [
      'lost its probe in the pass',
      { ...inMaintenance, ...empty },
      removed,
      'without probe',
      'its probe is gone',
    ],
    ['never had one', { ...inMaintenance, ...empty }, aReport(), 'without probe', 'it has no probe'],
    ['is down', { ...inMaintenance, up: false }, aReport(), 'down', 'it is down'],
    [
      'has a probe that is still published',
      { ...inMaintenance, probes: [] },
      aReport(),
      'not yet',
      'it has no probe; the next',
    ],
    [
      'keeps a probe that can’t be deleted',
      inMaintenance,
      aReport({ failures: [FAILURE] }),
      'not yet',
      'delete failed: locked',
    ],
    [
      'is held by the guard',
      inMaintenance,
      aReport({ outcome: 'held', held: ['too many'], region: 'lab' }),
      'held',
      'too many',
    ],
    ['is none any more', {}, aReport(), 'not yet', 'it is not in maintenance any more'],
  ] as const)('%s', (_what, look, report, outcome, why) => {
    const judged = judgeGone(aLook(look), report);

    expect(judged.outcome).toBe(outcome);
    expect(judged.why[0]).toContain(why);
  });
});

describe('a hypervisor whose maintenance has ended', () => {
  const check = {
    probeId: '1',
    hypervisor: NAME,
    check: 'scraped',
    status: 'failed',
    detail: 'no answer',
  } as const;
  const disabled = {
    decision: 'retiring',
    reason: { code: 'disabled', text: 'disabled and drained' },
  } as const;
  const excluded = {
    decision: 'excluded',
    reason: { code: 'excluded', text: 'matches select.exclude' },
  } as const;
  const paused = { hypervisor: NAME, kind: 'unplaceable', message: 'no room' } as const;
  test.each([
    [
      'has one that passed the checks of the pass',
      { failedChecks: [check] },
      aReport(),
      'probe back',
      'answers',
    ],
    ['has its probe back', {}, aReport(), 'probe back', 'probe-cmp003-1 answers'],
    [
      'has one that fails a check',
      { failedChecks: [check] },
      aReport({ outcome: 'degraded' }),
      'not yet',
      'check scraped failed: no answer',
    ],
    [
      'has one that isn’t published',
      { isPublished: false },
      aReport(),
      'not yet',
      'its probe is probe-cmp003-1',
    ],
    ['has no room for one', empty, aReport({ findings: [paused] }), 'not yet', 'unplaceable: no room'],
    ['is still disabled', { ...empty, ...disabled }, aReport(), 'not yet', 'enable it first'],
    ['is wanted by nobody', { ...empty, ...excluded }, aReport(), 'not selected', 'matches select.exclude'],
    ['is down', { ...empty, decision: 'deferred', up: false }, aReport(), 'down', 'it is down'],
    ['is in maintenance again', { ...empty, ...inMaintenance }, aReport(), 'not yet', 'in maintenance again'],
  ] as const)('%s', (_what, look, report, outcome, why) => {
    const judged = judgeBack(aLook(look), report);

    expect(judged.outcome).toBe(outcome);
    expect(judged.why[0]).toContain(why);
  });
});
