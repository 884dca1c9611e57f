import type { PreflightCheck, PreflightReport } from '../../domain/preflight.ts';
import type { Paint, Style } from '../terminal/paint.ts';
import { printableValue } from '../terminal/printable.ts';

const STYLES: Readonly<Record<PreflightCheck['status'], Style>> = {
  pass: 'good',
  warn: 'changed',
  fail: 'bad',
  unknown: 'changed',
};

/** A line for each check, with the cure below what didn't pass. */
export function renderPreflight(report: PreflightReport, paint: Paint): string {
  const { region, outcome, checks } = printableValue(report);
  return [
    `${paint('strong', region)}: ${paint(outcome === 'ready' ? 'good' : 'bad', outcome)}`,
    ...checks.flatMap(({ status, check, detail, cure }) => [
      `  ${paint(STYLES[status], status.padEnd(7))}  ${check}: ${detail}`,
      ...(cure === undefined ? [] : [`           ${cure}`]),
    ]),
  ].join('\n');
}
