import { expect, test } from 'vitest';
import { counts, fitting, name, plain } from '../../../src/workflows/markdown.ts';

test('what would be Markdown or HTML is text, and half a character is none', () => {
  expect(plain('a|b `c` <b>\n[d](e)\\')).toBe('a b  c   b   d (e) ');
  const cut = plain(`${'x'.repeat(299)}😀`);
  expect(cut).toHaveLength(300);
  expect(encodeURIComponent(cut)).toContain('%EF%BF%BD');
});

test('a name never ends its own marks', () => {
  expect(name('cmp`001')).toBe('`cmp 001`');
  expect(name('`')).toBe('`?`');
});

test('counts that are zero are left out', () => {
  expect(counts({ create: 2, replace: 0, reboot: undefined, keep: 3 })).toBe('create 2 · keep 3');
  expect(counts({ create: 0 })).toBe('nothing');
});

test('lines are counted as long as they are in a URL', () => {
  expect(fitting(['aaa', 'bbb'], 12)).toEqual(['aaa', 'bbb']);
  expect(fitting(['aaa', 'bbb'], 11)).toEqual(['aaa']);
  expect(fitting(['ü', 'ü'], 17)).toEqual(['ü']);
});
