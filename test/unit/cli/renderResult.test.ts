import { expect, test } from 'vitest';
import { renderResult as render } from '../../../src/cli/render/report.ts';
import type { PassReport } from '../../../src/domain/pass.ts';
import { aReport } from '../../support/builders.ts';

function renderResult(report: PassReport): string {
  return render(report, (_style, text) => text);
}

test('a hypervisor without room is told, and not as a failure', () => {
  const findings = [
    { hypervisor: 'cmp1', kind: 'unplaceable', message: 'No valid host was found.' },
  ] as const;
  const text = renderResult(aReport({ findings }));
  expect(text).toContain('lab: converged');
  expect(text).toContain('  unplaceable cmp1: No valid host was found.');
  expect(text).not.toContain('FAILED');
});

test('reboots are counted where there are any', () => {
  const { plan } = aReport({});
  const text = renderResult(aReport({ plan: { ...plan, reboot: 2 }, rebooted: 1 }));
  expect(text).toContain('plan: create 0, replace 0, reboot 2, delete 0');
  expect(text).toContain('done: created 0, replaced 0, deleted 0, rebooted 1, verified 3');
  expect(renderResult(aReport({}))).not.toContain('reboot');
});

test('what a probe printed stands behind a bar below its failure, and orders a terminal nothing', () => {
  const output = 'first\n\u001B[2J  FAILED other cmp2: not ours';
  const failure = { hypervisor: 'cmp1', probeId: '0000000a', step: 'answer', kind: 'timeout' } as const;
  const text = renderResult(
    aReport({ outcome: 'degraded', failures: [{ ...failure, message: 'silent', console: output }] }),
  );
  expect(text.split('\n').slice(-3)).toEqual([
    '  FAILED answer cmp1: silent',
    '    | first',
    '    | ?[2J  FAILED other cmp2: not ours',
  ]);
});
