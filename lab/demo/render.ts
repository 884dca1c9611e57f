import type { PassSummary } from './pass.ts';

const BAR_WIDTH = 30;

/** What a pass did and how long each step took, for a terminal. */
export function renderPass(title: string, pass: PassSummary): string {
  const longest = Math.max(...pass.steps.map(({ ms }) => ms), 1);
  const width = Math.max(...pass.steps.map(({ name }) => name.length), 0);
  return [
    `${title}: ${pass.outcome}`,
    `  hypervisors ${pass.hypervisors}: selected ${pass.selected}, deferred ${pass.deferred}`,
    `  probes: created ${pass.created}, replaced ${pass.replaced}, deleted ${pass.deleted}, kept ${pass.kept}, verified ${pass.verified}, failed ${pass.failed}`,
    `  cost: ${pass.apiCalls} calls of the cloud's API, ${pass.historyEvents} history events, worker ${pass.workerRssMb} MB`,
    ...shorten(pass.lines).map((line) => `  ${line}`),
    ...pass.steps.map(
      ({ name, ms }) =>
        `    ${name.padEnd(width)} ${seconds(ms)} ${'▪'.repeat(Math.ceil((ms / longest) * BAR_WIDTH))}`,
    ),
  ].join('\n');
}

const LINES_MAX = 20;

function shorten(lines: readonly string[]): readonly string[] {
  if (lines.length <= LINES_MAX) return lines;
  return [...lines.slice(0, LINES_MAX), `… and ${lines.length - LINES_MAX} more`];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`.padStart(7);
}

/** The one document of `--once --output json`. */
export function renderJson(region: string, passes: readonly PassSummary[]): string {
  const documents = passes.map(({ lines: _lines, writes: _writes, ...pass }) => pass);
  return JSON.stringify({ region, passes: documents }, null, 2);
}
