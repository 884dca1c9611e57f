import { expect, test } from 'vitest';
import { renderStatus } from '../../../src/cli/render/status.ts';
import type { LastPass } from '../../../src/cli/status/read.ts';
import type { PassReport } from '../../../src/domain/pass.ts';
import { aReport } from '../../support/builders.ts';

/** What status says of a last pass that ended so. */
function renderLast(fields: Partial<PassReport> & Pick<PassReport, 'outcome'>): string {
  const report = aReport(fields);
  return render({
    runId: '1',
    startedAt: '2026-01-02T03:04:05Z',
    endedAt: '2026-01-02T03:05:05Z',
    outcome: report.outcome,
    message: null,
    frozen: null,
    report,
  });
}

function render(last: LastPass | null): string {
  return renderStatus(
    { region: 'lab', running: null, last, orders: { frozen: null, inMaintenance: null }, schedule: null },
    Date.parse('2026-01-02T03:06:05Z'),
    (_style, text) => text,
  );
}

test('where no last pass is known, it does not say that there has been none', () => {
  expect(render(null)).toContain('\n  last:     none is known, dry runs aside\n');
});

test('of a degraded pass it says all that made it so, a line each', () => {
  const text = renderLast({
    outcome: 'degraded',
    findings: [{ hypervisor: 'cmp1', kind: 'creationPaused', message: 'failed 3 times' }],
    failures: [{ hypervisor: 'cmp2', probeId: '1', step: 'create', kind: 'conflict', message: 'no luck' }],
    unequalReplicas: [{ replica: 'prom2:9090', difference: '2 missing' }],
  });

  expect(text).toContain(`
            done: created 0, replaced 0, deleted 0, verified 3
            creationPaused cmp1: failed 3 times
            FAILED create cmp2: no luck
            FAILED targets at Prometheus prom2:9090: 2 missing
`);
});

test('of a held pass it says why it was held', () => {
  const held = ['deletes 3 of 6 probes; limits.deletesMax allows 2'];

  expect(renderLast({ outcome: 'held', held })).toContain(`            held: ${held[0]}\n`);
});

test('of a pass that was approved it no longer says why it was held', () => {
  const decision = { kind: 'approved', plan: '0123456789ab', by: 'me' } as const;

  expect(renderLast({ outcome: 'converged', held: ['deletes 3 of 6 probes'], decision })).not.toContain(
    'held',
  );
});
