import { stripVTControlCharacters } from 'node:util';
import { expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { printable, printableValue } from '../../../src/cli/terminal/printable.ts';
import { printNote } from '../../../src/cli/terminal/messages.ts';
import { renderYaml } from '../../../src/cli/terminal/output.ts';
import { renderTable } from '../../../src/cli/terminal/table.ts';
import { renderDuration, renderMoment } from '../../../src/cli/terminal/units.ts';
import { describeError } from '../../../src/cli/describeError.ts';
import { CliError, worst } from '../../../src/cli/errors.ts';
import { escapeQuoted } from '../../../src/domain/unprintable.ts';

/** Clears the screen, ends a line, turns the rest of a line around and begins a new one in two more ways. */
const HOSTILE = 'a\u001B[2Jb\nc\u202Ed\u2028e\u009Bf';
const plain = (_style: string, text: string): string => text;

test('a hostile text stays on its line and means nothing to a terminal', () => {
  expect(printable(HOSTILE)).toBe('a?[2Jb c?d?e?f');
  expect(printableValue({ [HOSTILE]: [HOSTILE, 1, null] })).toEqual({
    'a?[2Jb c?d?e?f': ['a?[2Jb c?d?e?f', 1, null],
  });
});

test('a note is a line and a hint without what a terminal would obey', () => {
  const written: unknown[] = [];
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(text) > 0);

  printNote(HOSTILE, HOSTILE);
  stderr.mockRestore();

  expect(written.map((text) => stripVTControlCharacters(String(text)))).toEqual([
    'note: a?[2Jb c?d?e?f\n',
    'hint: a?[2Jb c?d?e?f\n',
  ]);
});

test('in JSON and YAML a hostile text is the same value, written with escapes', () => {
  const json = escapeQuoted(JSON.stringify({ name: HOSTILE, icon: '\u{1F600}\u{E0001}' }));
  const yaml = renderYaml({ name: HOSTILE, [HOSTILE]: true, plain: 'cmp001' });

  for (const text of [json, yaml]) expect(text.replaceAll('\n', '')).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
  expect(JSON.parse(json)).toEqual({ name: HOSTILE, icon: '\u{1F600}\u{E0001}' });
  expect(parse(yaml)).toEqual({ name: HOSTILE, [HOSTILE]: true, plain: 'cmp001' });
  expect(yaml).toContain('plain: cmp001');
});

test('a table is as wide as its cells', () => {
  expect(
    renderTable(
      ['A', 'LONG'],
      [
        ['first', 'x'],
        ['b', ''],
      ],
      plain,
    ),
  ).toBe('A      LONG\nfirst  x\nb');
});

test.each<readonly [number, string]>([
  [0, '0.0 s'],
  [9_940, '9.9 s'],
  [59_400, '59 s'],
  [59_600, '1 m'],
  [245_000, '4 m 05 s'],
  [3_600_000, '1 h'],
  [90_000_000, '25 h'],
  [200_000_000, '2 d 07 h'],
])('%i ms are shown as %s', (ms, text) => {
  expect(renderDuration(ms)).toBe(text);
});

test('a moment is shown with its distance from now', () => {
  const at = new Date('2026-11-24T22:05:01.500Z');

  expect(renderMoment(at, at.getTime() + 90_000)).toBe('2026-11-24 22:05:01Z (1 m 30 s ago)');
  expect(renderMoment(at, at.getTime() - 5_000)).toBe('2026-11-24 22:05:01Z (in 5.0 s)');
});

test('of several exit codes the one counts that needs a person most', () => {
  expect(worst([])).toBe(0);
  expect(worst([0, 2])).toBe(2);
  expect(worst([2, 4, 5])).toBe(5);
  expect(worst([4, 3, 1])).toBe(1);
});

test('an error of ours is a line and a hint without what a terminal would obey', () => {
  expect(describeError(new CliError(HOSTILE, { hint: HOSTILE }))).toEqual({
    message: 'a?[2Jb c?d?e?f',
    hint: 'a?[2Jb c?d?e?f',
  });
});

test('a mistake of ours is its stack, without what a terminal would obey', () => {
  const { message } = describeError(new TypeError('a\u001B[2J\u202Eb'));

  expect(message).toMatch(/^TypeError: a\?\[2J\?b\n {4}at /);
});
