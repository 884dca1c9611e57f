import { stripVTControlCharacters } from 'node:util';
import type { Paint } from './paint.ts';

/** Rows in columns as wide as their widest cell; cells may be painted. */
export function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): string {
  const all = [header.map((name) => paint('quiet', name)), ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => lengthOf(row[column] ?? ''))));
  return all
    .map((row) =>
      row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - lengthOf(cell))).join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}

function lengthOf(cell: string): number {
  return stripVTControlCharacters(cell).length;
}
