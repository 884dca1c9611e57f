import { LEFT_OUT } from './leftOut.ts';
import { EXEMPT, VARYING } from './varying.ts';
import { listRecordings } from '../recordings.ts';

/** The part of `docs/contract.md` that the tables say, as Markdown. */
export function renderContract(): string {
  const all = listRecordings().length;
  const exempt = Object.entries(EXEMPT).flatMap(([name, paths]) =>
    Object.entries(paths).map(([path, reason]) => [`\`${path}\` of ${name}`, reason] as const),
  );
  return [
    '## What is left out',
    '',
    `${all - Object.keys(LEFT_OUT).length} of ${all} recordings are replayed. Left out are:`,
    '',
    ...Object.entries(LEFT_OUT).map(([name, reason]) => `- ${name}: ${reason}.`),
    '',
    '## What may differ',
    '',
    ...Object.entries(VARYING).map(([field, reason]) => `- \`${field}\`: ${reason}.`),
    ...exempt.map(([place, reason]) => `- ${place}: ${reason}.`),
    '',
  ].join('\n');
}
