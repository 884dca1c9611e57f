import { expect, test } from 'vitest';
import { trimConsole } from '../../../src/domain/consoleTail.ts';

test('the tail of a console is its last 20 lines that say something', () => {
  const output = Array.from({ length: 60 }, (_, index) => `line ${index}\r\n\r\n`).join('');
  const lines = trimConsole(output).split('\n');
  expect([lines.length, lines[0], lines.at(-1)]).toEqual([20, 'line 40', 'line 59']);
});

test('the tail of a console has at most 4 kB, and its end is kept', () => {
  const tail = trimConsole(`${'ä'.repeat(10_000)}end`);
  expect(Buffer.byteLength(tail)).toBeLessThanOrEqual(4_096);
  expect(tail).toMatch(/^ä+end$/);
});

test.each([
  ['colours', '[\u001B[0;32m  OK  \u001B[0m] Started', '[  OK  ] Started'],
  ['orders to the terminal', '\u001B[2J\u001B]0;title\u0007login', '0;titlelogin'],
  ['control characters', 'a\u0000b\u0008c\u009Bd', 'abcd'],
  ['text that turns its direction', 'safe\u202Eevil', 'safeevil'],
  ['progress that overwrites itself', '10 %\r100 %', '10 %\n100 %'],
  ['nothing', '\n\r\n \n', ''],
])('the tail of a console holds no %s', (_what, output, shown) => {
  expect(trimConsole(output)).toBe(shown);
});
