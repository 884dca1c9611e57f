import { LEFT_OUT, NOT_SIMULATED } from './leftOut.ts';
import { EXEMPT, SIMULATED_OTHERWISE, VARYING, type Exemptions } from './varying.ts';
import { listRecordings } from '../recordings.ts';

/** The part of `docs/contract.md` that the tables say, as Markdown. */
export function renderContract(): string {
  const all = listRecordings().length;
  const real = all - Object.keys(LEFT_OUT).length;
  const simulated = real - Object.keys(NOT_SIMULATED).length;
  return [
    '## What is left out',
    '',
    `${real} of ${all} recordings are replayed against the real cloud, ${simulated} against the simulated one. Left out are:`,
    '',
    ...listReasons(LEFT_OUT),
    '',
    'Left out for the simulated cloud, which must answer them with 501:',
    '',
    ...listReasons(NOT_SIMULATED),
    '',
    '## What may differ',
    '',
    ...Object.entries(VARYING).map(([field, reason]) => `- \`${field}\`: ${reason}.`),
    ...listExemptions(EXEMPT),
    '',
    'In the simulated cloud also:',
    '',
    ...listExemptions(SIMULATED_OTHERWISE),
    '',
  ].join('\n');
}

function listReasons(reasons: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(reasons).map(([name, reason]) => `- ${name}: ${reason}.`);
}

function listExemptions(exemptions: Exemptions): readonly string[] {
  return Object.entries(exemptions).flatMap(([name, paths]) =>
    Object.entries(paths).map(([path, reason]) => `- \`${path}\` of ${name}: ${reason}.`),
  );
}
