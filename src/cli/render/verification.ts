import type { DocumentDifference, RegionVerification } from '../../domain/verification.ts';
import type { Paint, Style } from '../terminal/paint.ts';
import { printableValue } from '../terminal/printable.ts';
import { renderChanges, renderCounts, renderHeld } from './plan.ts';
import { renderFailures } from './report.ts';

const STYLES: Readonly<Record<RegionVerification['outcome'], Style>> = {
  converged: 'good',
  drifted: 'changed',
  degraded: 'bad',
};

/** Whether all is right in a region, for a person at a terminal. */
export function renderVerification(raw: RegionVerification, paint: Paint): string {
  const result = printableValue(raw);
  const { verified, pending, generation } = result;
  return [
    `${paint('strong', result.region)}: ${paint(STYLES[result.outcome], result.outcome)}`,
    `  hypervisors ${result.hypervisors}, selected ${result.selected}, deferred ${result.deferred}`,
    `  probes verified ${verified}, checks pending ${pending}, list of peers ${generation === null ? 'not there yet' : `of generation ${generation}`}`,
    `  ${renderCounts(result.plan)}`,
    ...renderHeld(result.held, paint),
    ...renderChanges(result, paint),
    ...result.findings.map(
      ({ kind, hypervisor, message }) => `  ${paint('changed', `${kind} ${hypervisor}`)}: ${message}`,
    ),
    ...renderFailures({ failures: [], failedChecks: raw.failedChecks }, paint),
    ...result.differences.map((one) => `  ${paint('bad', `FAILED ${renderPlace(one)}: ${one.difference}`)}`),
  ].join('\n');
}

function renderPlace({ document, replica }: DocumentDifference): string {
  return replica === undefined ? `${document} as published` : `${document} at Prometheus ${replica}`;
}
